using System.Runtime.Intrinsics;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Tests.Ops;

public class VectorMathTests
{
    [Fact]
    public void Exp_is_within_two_units_in_the_last_place_over_its_whole_range()
    {
        for (double x = -87.3; x < 88.3; x += 0.0137)
        {
            float input = (float)x;
            double expected = Math.Exp(input);
            Assert.Equal(expected, VectorMath.Exp(Vector256.Create(input))[5], 2.4e-7 * expected);
        }
    }

    [Fact]
    public void Exp_has_exact_ends()
    {
        Assert.Equal(1f, VectorMath.Exp(Vector256<float>.Zero)[0]);
        Assert.Equal(0f, VectorMath.Exp(Vector256.Create(float.NegativeInfinity))[0]);
        Assert.Equal(0f, VectorMath.Exp(Vector256.Create(-1000f))[0]);
        Assert.True(float.IsFinite(VectorMath.Exp(Vector256.Create(1000f))[0]));
        Assert.True(float.IsNaN(VectorMath.Exp(Vector256.Create(float.NaN))[0]));
    }

    [Fact]
    public void Silu_of_large_numbers_is_the_number_or_nothing()
    {
        Assert.Equal(500f, VectorMath.Silu(Vector256.Create(500f))[0]);
        Assert.Equal(0.0, VectorMath.Silu(Vector256.Create(-500f))[0], 1e-30);
    }
}
