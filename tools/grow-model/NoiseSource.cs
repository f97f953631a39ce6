namespace SubSpec.GrowModel;

/// <summary>
/// Near-normal noise, a sequence for each (seed, tensor, row), so that rows can be made in any order on any number of threads.
/// Generator: SplitMix64 (Steele, Lea, Flood 2014); each draw adds four 16-bit uniforms (Irwin-Hall).
/// </summary>
internal struct NoiseSource
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    // Mean of the sum of four uniforms on 0..65535, and 1 / its standard deviation.
    private const float Mean = 2 * 65535f;
    private const float Scale = 1 / 37837.22f;

    private ulong _state;

    public NoiseSource(long seed, int tensor, int row) => _state = Mix(Mix(Mix((ulong)seed) + (ulong)tensor) + (ulong)row);

    /// <summary>Mean 0, standard deviation 1, within 3.5.</summary>
    public float Next()
    {
        ulong bits = Mix(_state += Step);
        uint sum = (uint)(bits & 0xFFFF) + (uint)((bits >> 16) & 0xFFFF) + (uint)((bits >> 32) & 0xFFFF) + (uint)(bits >> 48);
        return (sum - Mean) * Scale;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
