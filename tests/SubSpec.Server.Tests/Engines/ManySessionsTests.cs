using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Server.Http;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Http.Observing;
using SubSpec.Server.Tests.Http.Support;
using Xunit.Abstractions;

namespace SubSpec.Server.Tests.Engines;

/// <summary>Many sessions on one slow weight stream, through HTTP.</summary>
[Collection(nameof(DemoEngines))]
public class ManySessionsTests(ITestOutputHelper output)
{
    private const int Sessions = 8;
    // Enough rounds for the last session to join before the first one ends.
    private const int Tokens = 200;
    private const double SlowLink = 100e6;

    // What hangs is an error; nothing here takes a fraction of this.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Eight_sessions_on_a_slow_link_get_their_solo_tokens_share_its_passes_and_take_turns()
    {
        (var results, var rounds) = (new Results(), new RoundLog());
        HostOptions options = TestServices.Demo with { Sessions = Sessions, LinkBandwidth = SlowLink };
        await using SubSpecService service = SubSpecService.Create(
            new ServeOptions { Urls = [TestServices.LocalPort] }, options, new InferenceHostFactory { Decorate = rounds.Around }, s => s.AddSingleton<IRequestObserver>(results));
        await (await service.StartAsync(CancellationToken.None)).WaitAsync(Patience);
        using var api = new ApiClient(new Uri(service.Urls[0]));
        IInferenceHost host = service.Services.GetRequiredService<IModelHost>().Current!;

        for (int seed = 0; seed < Sessions; seed++) await AskAsync(seed);
        (ImmutableDictionary<ulong, ImmutableArray<int>> alone, EngineTotals solo) = (await results.TakeAsync(Sessions).WaitAsync(Patience), await host.GetTotalsAsync(CancellationToken.None));
        rounds.Clear();
        await Task.WhenAll(Enumerable.Range(0, Sessions).Select(AskAsync));
        (ImmutableDictionary<ulong, ImmutableArray<int>> together, EngineTotals all) = (await results.TakeAsync(Sessions).WaitAsync(Patience), await host.GetTotalsAsync(CancellationToken.None));

        foreach ((ulong seed, ImmutableArray<int> tokens) in together) Assert.Equal(alone[seed].AsEnumerable(), tokens);
        Assert.True(2 * (all.Passes - solo.Passes) < solo.Passes, $"{all.Passes - solo.Passes} passes together, {solo.Passes} alone");
        int[] served = rounds.WhileAllRan(Sessions);
        output.WriteLine($"{solo.Passes} passes alone, {all.Passes - solo.Passes} together; rounds of each session while all ran: {string.Join(", ", served)}");
        Assert.True(served.Max() < 2 * served.Min(), string.Join(", ", served));

        async Task AskAsync(int seed)
        {
            string body = $$"""{"messages": [{"role": "user", "content": "Tell me story number {{seed}}."}], "temperature": 0.8, "seed": {{seed}}, "max_tokens": {{Tokens}}, "logit_bias": {"4093": -100, "4094": -100, "4095": -100} }""";
            JsonElement answer = await api.OkAsync(ApiClient.Chat, body, ("X-Session-Id", $"session {seed}")).WaitAsync(Patience);
            Assert.Equal(Tokens, answer.Usage("completion_tokens"));
        }
    }

    /// <summary>The tokens of every answer, by its seed.</summary>
    private sealed class Results : IRequestObserver
    {
        private readonly ConcurrentQueue<GenerationResult> _results = new();

        public void Finished(RequestRecord record)
        {
            foreach (GenerationResult result in record.Results) _results.Enqueue(result);
        }

        /// <summary>They are written down a moment after their clients have them.</summary>
        public async Task<ImmutableDictionary<ulong, ImmutableArray<int>>> TakeAsync(int count)
        {
            while (_results.Count < count) await Task.Yield();
            ImmutableDictionary<ulong, ImmutableArray<int>> all = _results.ToImmutableDictionary(r => r.Seed, r => r.TokenIds);
            _results.Clear();
            return all;
        }
    }

    /// <summary>Takes note of whose trees each pass of an engine verified.</summary>
    private sealed class RoundLog
    {
        private readonly ConcurrentQueue<ImmutableArray<SequenceId>> _passes = new();

        public IEngine Around(IEngine engine) => new ObservedEngine(engine) { OnBegin = plan => _passes.Enqueue([.. plan.Rows.Where(r => r.Kind == RowsKind.Verify).Select(r => r.Sequence)]) };

        public void Clear() => _passes.Clear();

        /// <summary>Rounds of each sequence in the passes from when all had begun to when the first had ended.</summary>
        public int[] WhileAllRan(int sequences)
        {
            ImmutableArray<SequenceId>[] passes = [.. _passes];
            SequenceId[] ids = [.. passes.SelectMany(p => p).Distinct()];
            Assert.Equal(sequences, ids.Length);
            int from = ids.Max(id => Array.FindIndex(passes, p => p.Contains(id))), to = ids.Min(id => Array.FindLastIndex(passes, p => p.Contains(id)));
            Assert.True(to > from, "the sessions did not run together");
            return [.. ids.Select(id => passes[from..(to + 1)].Count(p => p.Contains(id)))];
        }
    }
}
