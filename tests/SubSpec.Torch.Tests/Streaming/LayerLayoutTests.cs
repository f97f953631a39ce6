using SubSpec.Core;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;
using static SubSpec.Torch.Tests.Streaming.StreamFolder;

namespace SubSpec.Torch.Tests.Streaming;

public class LayerLayoutTests
{
    private const long FileLength = 1_000_001;

    [Fact]
    public void Adjacent_tensors_are_one_read_and_distant_ones_are_not()
    {
        LayerLayout layout = Plan(Tensor("b", "f", 5100, 900), Tensor("a", "f", 100, 5000), Tensor("c", "f", 50_000, 10));

        Assert.Equal([new HullRead("f", 0, 8192, 0), new HullRead("f", 49_152, 4096, 8192)], layout.Hulls);
        Assert.Equal([5100, 100, 8192 + 50_000 - 49_152], layout.Places.Select(p => p.Offset));
        Assert.Equal(5910, layout.PayloadBytes);
        Assert.Equal(12_288, layout.HullBytes);
        Assert.Equal(12_288, layout.SlotBytes);
        Assert.Equal(1, layout.IndexOf("a"));
    }

    [Fact]
    public void A_layer_may_straddle_files_and_the_last_block_of_a_file_is_read_only_to_its_end()
    {
        LayerLayout layout = Plan(Tensor("a", "one", FileLength - 11, 11), Tensor("b", "two", 0, 4096));

        Assert.Equal([new HullRead("one", 999_424, FileLength - 999_424, 0), new HullRead("two", 0, 4096, 4096)], layout.Hulls);
        Assert.Equal(8192, layout.SlotBytes - layout.Places.Where(p => p.IsCopied).Sum(p => 64));
    }

    [Theory]
    [InlineData(WeightType.BFloat16, 2, false)]
    [InlineData(WeightType.BFloat16, 3, true)]
    [InlineData(WeightType.Float16, 1, true)]
    [InlineData(WeightType.Float32, 4, false)]
    [InlineData(WeightType.Float32, 2, true)]
    public void Only_a_tensor_below_its_elements_alignment_is_copied(WeightType type, long offset, bool copied)
    {
        LayerLayout layout = Plan(Tensor("a", "f", offset, 100, type));

        Assert.Equal(copied, layout.Places[0].IsCopied);
        Assert.Equal(copied ? 4096 : offset, layout.Places[0].Offset);
        Assert.Equal(copied ? 4096 + 128 : 4096, layout.SlotBytes);
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(0, 0)]
    [InlineData(FileLength - 9, 10)]
    [InlineData(long.MaxValue - 5, 10)]
    public void A_tensor_outside_its_file_is_bad_input(long offset, long bytes)
    {
        var error = Assert.Throws<BadInputException>(() => Plan(Tensor("a", "f", offset, bytes)));
        Assert.Contains("'a'", error.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_layout_is_aligned_complete_and_free_of_overlap(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 100; round++)
        {
            int alignment = 4096 << random.Next(3);
            TensorInfo[] tensors = [.. Enumerable.Range(0, random.Next(1, 12)).Select(i =>
            {
                long offset = random.NextInt64(FileLength);
                return Tensor($"t{i}", $"file{random.Next(3)}", offset, random.NextInt64(1, FileLength - offset + 1), (WeightType)random.Next(3));
            })];
            LayerLayout layout = LayerLayout.Plan(7, tensors, _ => FileLength, alignment);

            Assert.All(layout.Hulls, h => Assert.True(h.Offset % alignment == 0 && h.SlotOffset % alignment == 0));
            long end = 0;
            foreach ((long from, long to) in layout.Hulls.Select(h => (h.SlotOffset, h.SlotOffset + (h.Bytes + alignment - 1) / alignment * alignment))
                .Concat(layout.Places.Where(p => p.IsCopied).Select(p => (p.Offset, p.Offset + p.Bytes))))
            {
                Assert.True(from >= end);
                end = to;
            }
            Assert.True(layout.SlotBytes >= end);
            for (int i = 0; i < tensors.Length; i++)
            {
                TensorPlace place = layout.Places[i];
                HullRead hull = Assert.Single(layout.Hulls, h => h.SlotOffset <= place.ReadOffset && place.ReadOffset + place.Bytes <= h.SlotOffset + h.Bytes);
                Assert.Equal((tensors[i].File, tensors[i].Offset), (hull.File, hull.Offset + place.ReadOffset - hull.SlotOffset));
                Assert.Equal(0, place.Offset % (tensors[i].Type == WeightType.Float32 ? 4 : 2));
            }
        }
    }

    private static LayerLayout Plan(params TensorInfo[] tensors) => LayerLayout.Plan(0, tensors, _ => FileLength);
}
