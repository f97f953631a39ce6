using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Tests.Ops;

public unsafe class ResidualTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(101)]
    public void Every_element_is_added_once(int count)
    {
        using NativeBuffer y = RandomMemory.Floats(new Random(1), count), x = RandomMemory.Floats(new Random(2), count);
        float[] before = RandomMemory.Copy(y.Floats, count);
        Residual.Add(y.Floats, x.Floats, count);
        for (int i = 0; i < count; i++) Assert.Equal(before[i] + x.Floats[i], y.Floats[i]);
    }
}
