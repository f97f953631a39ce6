using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Server.Tests.Engines;

/// <summary>Tokens and byte counts of the real actors over the real engine.</summary>
[Collection(nameof(DemoEngines))]
public class StreamingTests
{
    [Theory]
    [InlineData("sequential", 0)]
    [InlineData("prefetch", 0)]
    [InlineData("sequential", 3 << 20)]
    [InlineData("prefetch", 3 << 20)]
    public async Task Every_pass_streams_exactly_the_offloaded_payload_and_drafting_changes_no_token(string schedule, long resident)
    {
        await using DemoService service = await DemoService.StartAsync(schedule, resident);
        Assert.InRange(service.Plan.Offloaded, 1, resident == 0 ? 8 : 7);
        GenerationRequest request = DemoService.Story(30);

        (GenerationResult drafted, EngineTotals some) = await MeasureAsync(service, request);
        await service.UseAsync(schedule, DraftShape.None);
        (GenerationResult plain, EngineTotals all) = await MeasureAsync(service, request);

        Assert.True(plain.TokenIds.SequenceEqual(drafted.TokenIds));
        Assert.True(drafted.Rounds < plain.Rounds, $"{drafted.Rounds} rounds with drafts, {plain.Rounds} without");
        foreach ((GenerationResult result, EngineTotals totals) in new[] { (drafted, some), (plain, all) })
        {
            Assert.Equal(result.Rounds + 1, totals.Passes);
            Assert.Equal(result.Rounds, totals.Rounds);
            Assert.Equal(totals.Passes * service.Plan.StreamedBytes, totals.BytesStreamed);
            Assert.Equal(totals.Passes * service.Plan.Offloaded, totals.LayersConsumed);
        }
        Assert.Equal(0, all.DraftSteps);
        Assert.Equal(plain.PromptTokens + plain.Rounds, all.VerifiedRows);
    }

    [Fact]
    public async Task Log_probabilities_are_those_of_plain_decoding_bit_for_bit()
    {
        await using DemoService service = await DemoService.StartAsync();
        GenerationRequest request = DemoService.Story(30) with { TopLogProbs = 3 };

        GenerationResult drafted = await service.GenerateAsync(request);
        await service.UseAsync("sequential", DraftShape.None);
        GenerationResult plain = await service.GenerateAsync(request);
        GenerationResult none = await service.GenerateAsync(request with { TopLogProbs = null });

        Assert.True(drafted.Rounds < plain.Rounds);
        Assert.Equal(Flat(plain), Flat(drafted));
        Assert.Equal(drafted.TokenIds, drafted.LogProbs.Select(p => p.Token));
        Assert.All(drafted.LogProbs, p => Assert.Equal(3, p.Top.Length));
        Assert.All(drafted.LogProbs, p => Assert.InRange(p.Top.Sum(t => Math.Exp(t.LogProb)), 0.01, 1 + 1e-9));
        Assert.All(drafted.LogProbs, p => Assert.True(p.LogProb <= p.Top[0].LogProb));
        Assert.Empty(none.LogProbs);

        static IEnumerable<(int, double)> Flat(GenerationResult result) =>
            result.LogProbs.SelectMany(p => p.Top.Select(t => (t.Token, t.LogProb)).Prepend((p.Token, p.LogProb)));
    }

    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task Three_sessions_at_once_get_the_tokens_they_get_alone(string schedule)
    {
        await using DemoService service = await DemoService.StartAsync(schedule, sessions: 3);
        GenerationRequest[] requests =
        [
            DemoService.Story(25),
            DemoService.Story(18, SamplingOptions.Greedy, "The dog ran to the big tree."),
            DemoService.Story(31, new SamplingOptions { Temperature = 1.2, TopP = 0.9, RepetitionPenalty = 1.2, Seed = 4 }, "One day,"),
        ];
        var alone = new List<int[]>();
        foreach (GenerationRequest request in requests) alone.Add(await service.TokensAsync(request));

        int[][] together = await Task.WhenAll(requests.Select(service.TokensAsync));

        Assert.Equal(alone, together);
    }

    [Fact]
    public async Task Four_sessions_share_the_passes_and_bytes_of_the_longest_alone()
    {
        await using DemoService service = await DemoService.StartAsync("shared", sessions: 4);
        GenerationRequest[] requests =
        [
            .. new[] { "Once upon a time, there was a little girl", "The dog ran to the big tree.", "One day, a boy", "Mom and Dad were" }
                .Select((prompt, i) => DemoService.Story(40, new SamplingOptions { Temperature = 0.8, Seed = (ulong)i, LogitBias = LifetimeTests.NoEnd }, prompt)),
        ];
        var alone = new List<(GenerationResult Result, EngineTotals Totals)>();
        foreach (GenerationRequest request in requests) alone.Add(await MeasureAsync(service, request));

        EngineTotals before = await service.TotalsAsync();
        GenerationResult[] together = await Task.WhenAll(requests.Select(r => service.GenerateAsync(r)));
        EngineTotals totals = (await service.TotalsAsync()).Since(before);

        Assert.Equal(alone.Select(a => a.Result.TokenIds.ToArray()), together.Select(r => r.TokenIds.ToArray()));
        long longest = alone.Max(a => a.Totals.Passes), sum = alone.Sum(a => a.Totals.Passes);
        // What drafts know of each other's acceptance differs, so a tree or two may; requests arrive one after the other.
        Assert.InRange(totals.Passes, longest - 2, Math.Min(longest + 4, sum / 2));
        Assert.Equal(totals.Passes * service.Plan.StreamedBytes, totals.BytesStreamed);
    }

    private static async Task<(GenerationResult Result, EngineTotals Totals)> MeasureAsync(DemoService service, GenerationRequest request)
    {
        EngineTotals before = await service.TotalsAsync();
        GenerationResult result = await service.GenerateAsync(request);
        return (result, (await service.TotalsAsync()).Since(before));
    }
}
