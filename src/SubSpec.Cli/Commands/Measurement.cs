using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary>Answers that were generated together, in a closed loop, and what the engine did meanwhile.</summary>
/// <param name="Places">Answers that were generated at once; whenever one ended, the next one began.</param>
/// <param name="Whole">From the first prompt row to the last token.</param>
/// <param name="Decode">The part of it from the first token of any answer to the end of the first one whose place stayed empty.</param>
internal sealed record Measurement(ImmutableArray<GenerationResult> Results, int Places, EngineTotals Whole, EngineTotals Decode)
{
    /// <summary>Length of <see cref="Decode"/>.</summary>
    public double DecodeSeconds => DecodeEnd - Results.Min(r => r.Times.FirstTokenSeconds);

    /// <summary>Tokens that came in <see cref="Decode"/>. The first token of an answer belongs to its prompt.</summary>
    public int DecodedTokens => Results.Sum(r => r.DecodedBy(DecodeEnd));

    private double DecodeEnd => Results.Select(r => r.Times.LastTokenSeconds).Order().ElementAt(Results.Length - Places);

    /// <summary>Generates the answers.</summary>
    /// <param name="places">How many at once: 1 to the number of requests.</param>
    /// <param name="onDelta">Called with the request's index as text becomes certain, by one request at a time if there is only one.</param>
    public static async Task<Measurement> TakeAsync(
        IInferenceHost host, IReadOnlyList<GenerationRequest> requests, int places, Action<int, TextDelta>? onDelta, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(places, requests.Count);
        EngineTotals start = await host.GetTotalsAsync(cancel);
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var prefilled = new TotalsAt(host, 1, together.Token);
        var ended = new TotalsAt(host, requests.Count - places + 1, together.Token);
        var results = new GenerationResult[requests.Count];
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, places).Select(_ => AnswerInTurnAsync()));
        EngineTotals whole = await host.GetTotalsAsync(cancel);
        return new Measurement([.. results], places, whole.Since(start), (await ended.Totals).Since(await prefilled.Totals));

        async Task AnswerInTurnAsync()
        {
            for (int i = Interlocked.Increment(ref next); i < requests.Count; i = Interlocked.Increment(ref next)) await AnswerAsync(i);
        }

        async Task AnswerAsync(int index)
        {
            try
            {
                GenerationResult? result = null;
                bool first = true;
                await foreach (GenerationEvent happened in host.GenerateAsync(requests[index], together.Token))
                {
                    if (first) prefilled.Happened();
                    first = false;
                    if (happened is TextDelta delta) onDelta?.Invoke(index, delta);
                    if (happened is Completed completed) result = completed.Result;
                }
                cancel.ThrowIfCancellationRequested();
                results[index] = result ?? throw new InvalidOperationException("the engine ended an answer without its result");
                ended.Happened();
            }
            catch
            {
                await together.CancelAsync();
                throw;
            }
        }
    }

    /// <summary>Asks for the totals when something has happened so many times.</summary>
    private sealed class TotalsAt(IInferenceHost host, int times, CancellationToken cancel)
    {
        private int _happened;

        public Task<EngineTotals> Totals { get; private set; } = Task.FromResult(EngineTotals.Zero);

        public void Happened()
        {
            if (Interlocked.Increment(ref _happened) == times) Totals = host.GetTotalsAsync(cancel);
        }
    }
}
