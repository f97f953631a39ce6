namespace SubSpec.GrowModel;

/// <summary>
/// Near-normal noise, a sequence for each (seed, tensor, row), so that rows can be made in any order on any number of threads.
/// Generator: SplitMix64 (Steele, Lea, Flood 2014); each draw adds four 16-bit uniforms (Irwin-Hall).
/// </summary>
internal struct NoiseSource
{
    public const ulong Step = 0x9E3779B97F4A7C15;
    public const ulong FirstFactor = 0xBF58476D1CE4E5B9;
    public const ulong SecondFactor = 0x94D049BB133111EB;

    // Mean of the sum of four uniforms on 0..65535, and 1 / its standard deviation.
    public const float Mean = 2 * 65535f;
    public const float Scale = 1 / 37837.22f;

    public NoiseSource(long seed, int tensor, int row) => State = Mix(Mix(Mix((ulong)seed) + (ulong)tensor) + (ulong)row);

    /// <summary>It grows by <see cref="Step"/> with each draw.</summary>
    public ulong State { get; private set; }

    /// <summary>Mean 0, standard deviation 1, within 3.5.</summary>
    public float Next()
    {
        ulong bits = Mix(State += Step);
        uint sum = (uint)(bits & 0xFFFF) + (uint)((bits >> 16) & 0xFFFF) + (uint)((bits >> 32) & 0xFFFF) + (uint)(bits >> 48);
        return (sum - Mean) * Scale;
    }

    /// <summary>Leaves out some draws.</summary>
    public void Skip(long draws) => State += Step * (ulong)draws;

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * FirstFactor;
        z = (z ^ (z >> 27)) * SecondFactor;
        return z ^ (z >> 31);
    }
}
