using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Tests.Ops;

public unsafe class BFloat16Tests
{
    [Theory]
    [InlineData(0x3F808000u, 0x3F800000u)] // a tie goes to the even neighbour below
    [InlineData(0x3F818000u, 0x3F820000u)] // and to the even neighbour above
    [InlineData(0x3F808001u, 0x3F810000u)]
    [InlineData(0xBF807FFFu, 0xBF800000u)]
    [InlineData(0x7F7FFFFFu, 0x7F800000u)] // past the largest: infinity
    [InlineData(0x7F800000u, 0x7F800000u)]
    [InlineData(0x80000000u, 0x80000000u)]
    [InlineData(0x00018000u, 0x00020000u)] // subnormal
    [InlineData(0x7F800001u, 0x7FC00000u)] // NaN stays NaN
    [InlineData(0xFFFFFFFFu, 0xFFFF0000u)]
    public void Rounding_goes_to_the_nearest_and_ties_to_even(uint bits, uint expected)
    {
        using NativeBuffer values = new(4096), rounded = new(4096);
        for (int count = 1; count <= 9; count += 4)
        {
            new Span<uint>(values.Pointer, count).Fill(bits);
            BFloat16.Round(values.Floats, rounded.Floats, count);
            Assert.Equal(Enumerable.Repeat(expected, count), new Span<uint>(rounded.Pointer, count).ToArray());
        }
        Assert.Equal(expected, BitConverter.SingleToUInt32Bits(BFloat16.Round(BitConverter.UInt32BitsToSingle(bits))));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(75)]
    public void Narrowing_and_widening_give_what_rounding_gives(int count)
    {
        using NativeBuffer x = RandomMemory.Floats(new Random(1), count), stored = new(count * 2), widened = new(count * 4);
        BFloat16.Narrow(x.Floats, (ushort*)stored.Pointer, count);
        BFloat16.Widen((ushort*)stored.Pointer, widened.Floats, count);
        BFloat16.Round(x.Floats, x.Floats, count);
        RandomMemory.AssertSameBits(RandomMemory.Copy(x.Floats, count), new Span<float>(widened.Floats, count));
    }
}
