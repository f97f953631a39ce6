namespace SubSpec.Core.Tests.Sampling;

/// <summary>Rows of logits of many kinds, ties and forbidden tokens among them.</summary>
internal static class RandomLogits
{
    public const int Kinds = 7;

    public static float[] Row(Random random, int vocabulary, int kind)
    {
        float[] row = new float[vocabulary];
        for (int i = 0; i < vocabulary; i++)
        {
            float normal = Normal(random);
            row[i] = kind switch
            {
                0 => 3 * normal,
                1 => MathF.Round(2 * normal) / 2,
                2 => random.Next(3) == 0 ? float.NegativeInfinity : 4 * normal,
                3 => 7,
                4 => 2.5f * normal + (random.Next(20) == 0 ? 14 : 0),
                5 => 5000 * normal,
                _ => 0.01f * normal - 100,
            };
        }
        if (kind == 2) row[random.Next(vocabulary)] = 1;
        return row;
    }

    public static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
