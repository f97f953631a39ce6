using System.Runtime.Intrinsics;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Tests.Ops;

public class HalfBitsTests
{
    [Fact]
    public void Every_half_widens_as_the_runtime_widens_it()
    {
        for (uint bits = 0; bits <= ushort.MaxValue; bits++)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf((ushort)bits), actual = HalfBits.Widen(Vector256.Create(bits))[3];
            if (float.IsNaN(expected)) Assert.True(float.IsNaN(actual));
            else Assert.Equal(BitConverter.SingleToUInt32Bits(expected), BitConverter.SingleToUInt32Bits(actual));
        }
    }
}
