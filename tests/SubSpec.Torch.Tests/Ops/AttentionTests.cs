using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Ops.Attentions;

namespace SubSpec.Torch.Tests.Ops;

public unsafe class AttentionTests
{
    public static TheoryData<int, int, int, WeightType> Shapes => new()
    {
        { 2, 2, 16, WeightType.BFloat16 }, // one query a group
        { 6, 2, 64, WeightType.BFloat16 },
        { 7, 1, 80, WeightType.Float32 }, // seven queries; steps that are no multiple of four
        { 4, 2, 13, WeightType.BFloat16 }, // vectors that end inside a step, at odd addresses
        { 20, 1, 24, WeightType.Float16 }, // a group larger than a block
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rows_match_double_precision(int heads, int kvHeads, int headDim, WeightType type)
    {
        int[] lengths = [1, 3, 12, 97, 120, 119], splits = [0, 3, 5, 96, 97, 118];
        using var team = new ComputeTeam(2);
        using var fixture = new AttentionFixture(new AttentionShape(heads, kvHeads, headDim), type, 120, lengths.Length);
        fixture.Place(seed: 7);
        float[] output = fixture.Forward(team, lengths, splits);
        for (int row = 0; row < lengths.Length; row++)
        {
            for (int head = 0; head < heads; head++)
            {
                double[] expected = fixture.Plain(row, head, lengths[row]);
                for (int i = 0; i < headDim; i++) Assert.Equal(expected[i], output[(row * heads + head) * headDim + i], 1e-6);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Only_the_joined_list_decides_the_bits(int heads, int kvHeads, int headDim, WeightType type)
    {
        int[] lengths = [110, 110, 104, 111, 1, 60, 99, 100, 101, 110];
        using ComputeTeam one = new(1), three = new(3);
        using var fixture = new AttentionFixture(new AttentionShape(heads, kvHeads, headDim), type, 111, lengths.Length);
        fixture.Place(seed: 0);
        float[] expected = [.. Enumerable.Range(0, lengths.Length).SelectMany(r => fixture.Forward(one, [lengths[r]], [lengths[r]], firstRow: r))];
        foreach (int seed in new[] { 0, 3 })
        {
            fixture.Place(seed);
            foreach (ComputeTeam team in new[] { one, three })
            {
                int[] whole = lengths, nothing = new int[lengths.Length], some = [.. lengths.Select((n, r) => Math.Min(n, 90 + r % 3))];
                foreach (int[] splits in new[] { whole, nothing, some })
                    RandomMemory.AssertSameBits(expected, fixture.Forward(team, lengths, splits));
            }
        }
    }

    [Fact]
    public void Rows_of_several_sequences_share_a_call()
    {
        using var team = new ComputeTeam(2);
        var shape = new AttentionShape(4, 2, 16);
        using var fixture = new AttentionFixture(shape, WeightType.BFloat16, 40, 70);
        fixture.Place(seed: 5);
        int[] lengths = [.. Enumerable.Range(0, 70).Select(r => 1 + r * 7 % 40)], splits = [.. lengths.Select((n, r) => r % 2 == 0 ? n : 0)];
        float[] together = fixture.Forward(team, lengths, splits, round: true);
        float[] single = [.. Enumerable.Range(0, 70).SelectMany(r => fixture.Forward(team, [lengths[r]], [splits[r]], firstRow: r, round: true))];
        RandomMemory.AssertSameBits(single, together);
        Assert.All(together, f => Assert.Equal(BFloat16.Round(f), f));
    }

    [Fact]
    public void Empty_and_oversized_lists_and_impossible_shapes_are_refused()
    {
        using ComputeTeam team = new(1), larger = new(2);
        using NativeBuffer memory = new(4096);
        using var attention = new Attention(new AttentionShape(2, 1, 8), 1, 2, 4);
        var slots = (int*)memory.Pointer;
        var layer = new KvLayer((nint)memory.Pointer, (nint)memory.Pointer, WeightType.Float32);
        void Forward(ComputeTeam with, params AttentionRow[] rows) => attention.Forward(with, layer, memory.Floats, rows, 1, memory.Floats);

        Assert.Throws<ArgumentOutOfRangeException>(() => Forward(team, new AttentionRow(slots, 0, null, 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Forward(team, new AttentionRow(slots, 3, slots, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Forward(team, new AttentionRow[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Forward(larger, new AttentionRow(slots, 1, null, 0)));
        Assert.Throws<BadInputException>(() => new Attention(new AttentionShape(3, 2, 8), 1, 1, 1));
    }
}
