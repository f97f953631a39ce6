using SubSpec.Core.Sampling;

namespace SubSpec.Core.Tests.Sampling;

public class PhiloxTests
{
    [Theory]
    [InlineData(0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)]
    [InlineData(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd)]
    [InlineData(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1)]
    public void Blocks_are_the_known_answers_of_Random123(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint x0, uint x1, uint x2, uint x3) =>
        Assert.Equal((x0, x1, x2, x3), Philox.Block((ulong)k1 << 32 | k0, c0, c1, c2, c3));

    [Fact]
    public void Uniform_numbers_stay_strictly_between_0_and_1_for_all_bits()
    {
        Assert.InRange(Philox.ToUniform(0), double.Epsilon, 1e-15);
        Assert.InRange(Philox.ToUniform(ulong.MaxValue), 0.999999999999999, Math.BitDecrement(1.0));
        Assert.InRange(-Math.Log(-Math.Log(Philox.ToUniform(ulong.MaxValue))), 36, NoiseScreen.MaxGumbel);
        Assert.Equal(0.5, Philox.ToUniform(1UL << 63), 15);
    }

    [Fact]
    public void Uniform_takes_53_bits_of_the_block_of_token_position_and_choice()
    {
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
        {
            ulong seed = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            int choice = random.Next(8), position = random.Next(100_000), token = random.Next(200_000);
            (uint x0, uint x1, _, _) = Philox.Block(seed, (uint)token, (uint)position, (uint)choice, 0);
            double expected = (x1 * 4294967296.0 + (x0 & ~0x7FFu)) / 18446744073709551616.0;
            Assert.Equal(expected, Philox.Uniform(seed, choice, position, token), 2e-16);
        }
    }

    [Fact]
    public void Eight_leading_words_at_once_are_those_of_eight_blocks()
    {
        var random = new Random(2);
        for (int i = 0; i < 1000; i++)
        {
            ulong seed = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            int choice = random.Next(8), position = random.Next(100_000), token = i == 0 ? int.MaxValue - 7 : random.Next(200_000);
            var words = Philox.LeadingWords(seed, choice, position, token);
            for (int lane = 0; lane < 8; lane++)
                Assert.Equal(Philox.Block(seed, (uint)(token + lane), (uint)position, (uint)choice, 0).X1, words[lane]);
        }
    }
}
