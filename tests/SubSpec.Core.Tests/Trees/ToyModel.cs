using SubSpec.Core.Tests.Sampling;

namespace SubSpec.Core.Tests.Trees;

/// <summary>A language model as a table: logits by the last two tokens.</summary>
internal sealed class ToyModel
{
    private readonly float[][] _rows;

    private ToyModel(int vocabulary, Func<int, float[]> row)
    {
        Vocabulary = vocabulary;
        _rows = [.. Enumerable.Range(0, vocabulary * vocabulary).Select(row)];
    }

    public int Vocabulary { get; }

    public static ToyModel Random(int vocabulary, int seed)
    {
        var random = new Random(seed);
        return new(vocabulary, _ => [.. Enumerable.Range(0, vocabulary).Select(_ => 1.5f * RandomLogits.Normal(random))]);
    }

    /// <summary>A draft model of this one: the same table with an error in every entry.</summary>
    public ToyModel Perturbed(float error, int seed)
    {
        var random = new Random(seed);
        return new(Vocabulary, i => [.. _rows[i].Select(logit => logit + error * RandomLogits.Normal(random))]);
    }

    /// <summary>[vocabulary]: logits of the token after these two.</summary>
    public float[] Logits(int previous, int last) => _rows[previous * Vocabulary + last];
}
