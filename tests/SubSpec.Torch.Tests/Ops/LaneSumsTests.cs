using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Tests.Ops;

public unsafe class LaneSumsTests
{
    [Fact]
    public void Eight_sums_at_once_have_the_bits_of_eight_single_sums()
    {
        using NativeBuffer vectors = RandomMemory.Floats(new Random(1), 16 * 16), together = new(4096), single = new(4096);
        Lanes256.SumEach(vectors.Floats, 13, together.Floats);
        for (int i = 0; i < 13; i++) Lanes256.SumEach(vectors.Floats + 8 * i, 1, single.Floats + i);
        RandomMemory.AssertSameBits(RandomMemory.Copy(single.Floats, 13), new Span<float>(together.Floats, 13));

        Lanes512.SumEach(vectors.Floats, 13, together.Floats);
        for (int i = 0; i < 13; i++) Lanes512.SumEach(vectors.Floats + 16 * i, 1, single.Floats + i);
        RandomMemory.AssertSameBits(RandomMemory.Copy(single.Floats, 13), new Span<float>(together.Floats, 13));
        Assert.Equal(new Span<float>(vectors.Floats, 16).ToArray().Sum(f => (double)f), together.Floats[0], 1e-5);
    }
}
