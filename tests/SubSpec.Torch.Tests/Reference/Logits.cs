namespace SubSpec.Torch.Tests.Reference;

/// <summary>Compares logits [positions][vocabulary] with a reference's.</summary>
internal static class Logits
{
    /// <summary>Norm of the difference over the norm, of all positions together.</summary>
    public static double RelativeError(double[][] expected, float[][] actual) =>
        RelativeError(expected, [.. actual.Select(row => Array.ConvertAll(row, v => (double)v))]);

    /// <inheritdoc cref="RelativeError(double[][], float[][])"/>
    public static double RelativeError(double[][] expected, double[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = expected.Zip(actual, (e, a) => e.Zip(a, (x, y) => (x - y) * (x - y)).Sum()).Sum();
        return Math.Sqrt(difference / expected.Sum(e => e.Sum(x => x * x)));
    }

    /// <summary>Positions whose greedy tokens are equal.</summary>
    public static int EqualChoices(double[][] expected, float[][] actual) =>
        expected.Zip(actual, (e, a) => PlainTransformer.Argmax(e) == Array.IndexOf(a, a.Max())).Count(same => same);
}
