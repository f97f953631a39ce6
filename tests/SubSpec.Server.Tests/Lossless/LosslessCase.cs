using SubSpec.Core.Sampling;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Server.Tests.Lossless;

/// <summary>How an engine is built for some runs.</summary>
/// <param name="ResidentShare">0 offloads every layer, 1 none.</param>
/// <param name="ChunkRows">Most prompt rows of a pass.</param>
internal sealed record EngineCase(double ResidentShare, int Threads, int ChunkRows);

/// <summary>One run: what is asked of the engine and how it speculates.</summary>
internal sealed record LosslessCase(EngineCase Engine, int Prompt, int Sampling, int Width, int Depth, string Schedule, int Sessions)
{
    private static readonly double[] Shares = [0, 0.5, 1];
    private static readonly int[] Threads = [1, 2];
    private static readonly int[] Chunks = [64, 600];
    private static readonly int[] Widths = [1, 4, 8];
    private static readonly int[] Depths = [1, 2, 3, 5, 8, 13, 21, 34, 48];
    private static readonly string[] Schedules = [.. ScheduleCatalog.BuiltIn.Names];
    private static readonly int[] SessionCounts = [1, 3];

    public static SamplingOptions[] Samplings { get; } =
    [
        SamplingOptions.Greedy,
        new SamplingOptions { Temperature = 0.8, Seed = 11 },
        new SamplingOptions
        {
            Temperature = 1.2, TopP = 0.95, RepetitionPenalty = 1.1, PresencePenalty = 0.2, FrequencyPenalty = 0.1, Seed = 12,
        },
    ];

    /// <summary>Trees as wide and deep as the case says, within the rows of a pass.</summary>
    public DraftShape Shape => new(Depth, Width, Width == 1 ? 0 : 0.01, Math.Min(1 + Width * Depth, MaxNodes));

    public const int MaxNodes = 96;

    /// <summary>Seeded random cases; each pair of values of two factors comes up where there are enough of them.</summary>
    public static IReadOnlyList<LosslessCase> Draw(int count, int prompts, int seed)
    {
        var random = new Random(seed);
        T Any<T>(T[] values) => values[random.Next(values.Length)];
        return [.. Enumerable.Range(0, count).Select(_ => new LosslessCase(
            new EngineCase(Any(Shares), Any(Threads), Any(Chunks)),
            random.Next(prompts),
            random.Next(Samplings.Length),
            Any(Widths),
            Any(Depths),
            Any(Schedules),
            Any(SessionCounts)))];
    }

    /// <summary>Pairs of factor values that the cases cover, and how many there are.</summary>
    public static (int Covered, int All) Pairs(IReadOnlyList<LosslessCase> cases, int prompts)
    {
        int[] sizes = [Shares.Length, Threads.Length, Chunks.Length, prompts, Samplings.Length, Widths.Length, Depths.Length, Schedules.Length, SessionCounts.Length];
        var seen = new HashSet<(int, object, int, object)>();
        foreach (LosslessCase c in cases)
        {
            object[] values = [c.Engine.ResidentShare, c.Engine.Threads, c.Engine.ChunkRows, c.Prompt, c.Sampling, c.Width, c.Depth, c.Schedule, c.Sessions];
            for (int i = 0; i < values.Length; i++)
                for (int j = i + 1; j < values.Length; j++) seen.Add((i, values[i], j, values[j]));
        }
        int all = sizes.SelectMany((a, i) => sizes.Skip(i + 1).Select(b => a * b)).Sum();
        return (seen.Count, all);
    }
}
