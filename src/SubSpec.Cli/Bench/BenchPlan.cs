using System.Collections.Immutable;
using SubSpec.Cli.Options;
using SubSpec.Core.Generation;

namespace SubSpec.Cli.Bench;

/// <summary>One way to decode at one number of answers at once: a row of the table.</summary>
internal sealed record BenchCase(Decoding Decoding, int Sessions)
{
    public override string ToString() => $"{Decoding.Method} {Decoding.Schedule} x{Sessions}{(Decoding.Drafts ? $" ({Decoding.Shape.Depth} x {Decoding.Shape.Width})" : "")}";
}

/// <summary>One measurement to take.</summary>
/// <param name="Prompts">Indices of the prompts that are answered, as many at once as the case says.</param>
internal sealed record BenchStep(int Repetition, BenchCase Case, ImmutableArray<int> Prompts);

/// <summary>What to measure, in which order.</summary>
/// <param name="Requests">A request for each prompt.</param>
/// <param name="AutoregressiveTokens">Most tokens of an answer where each token costs a whole stream.</param>
internal sealed record BenchPlan(
    ImmutableArray<GenerationRequest> Requests, ImmutableArray<BenchCase> Cases, int Repeat, int AutoregressiveTokens, ulong Seed)
{
    /// <summary>
    /// All cases take turns at the prompts, so that what drifts meanwhile (heat, other programs) meets them alike. Several answers at once
    /// are a <see cref="ClosedLoop"/>.
    /// </summary>
    public IEnumerable<BenchStep> Steps() =>
        from repetition in Enumerable.Range(1, Repeat)
        from turn in Enumerable.Range(0, Requests.Length)
        from bench in Cases
        let groups = ClosedLoop.Groups(Requests.Length, bench.Sessions)
        where turn < groups.Length
        select new BenchStep(repetition, bench, groups[turn]);

    /// <summary>The request of a prompt in a case: the same but for its length.</summary>
    public GenerationRequest Request(BenchCase bench, int prompt) => bench.Decoding.Drafts
        ? Requests[prompt]
        : Requests[prompt] with { MaxTokens = Math.Min(AutoregressiveTokens, Requests[prompt].MaxTokens) };
}
