using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary>Answers that were generated together, and what the engine did meanwhile.</summary>
/// <param name="Whole">From the first prompt row to the last token.</param>
/// <param name="Decode">The part of it after the first of the answers had its first token.</param>
internal sealed record Measurement(ImmutableArray<GenerationResult> Results, EngineTotals Whole, EngineTotals Decode)
{
    /// <summary>From the first token of any answer to the last token of all.</summary>
    public double DecodeSeconds => Results.Max(r => r.Times.LastTokenSeconds) - Results.Min(r => r.Times.FirstTokenSeconds);

    /// <summary>Generates the answers at once.</summary>
    /// <param name="onDelta">Called with the request's index as text becomes certain, by one request at a time if there is only one.</param>
    public static async Task<Measurement> TakeAsync(
        IInferenceHost host, IReadOnlyList<GenerationRequest> requests, Action<int, TextDelta>? onDelta, CancellationToken cancel)
    {
        EngineTotals start = await host.GetTotalsAsync(cancel);
        var prefilled = new Prefilled(host);
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task<GenerationResult>[] answers = [.. requests.Select((request, i) => AnswerAsync(request, i))];
        GenerationResult[] results = await Task.WhenAll(answers);
        EngineTotals end = await host.GetTotalsAsync(cancel);
        return new Measurement([.. results], end.Since(start), end.Since(await prefilled.Totals));

        async Task<GenerationResult> AnswerAsync(GenerationRequest request, int index)
        {
            try
            {
                GenerationResult? result = null;
                bool first = true;
                await foreach (GenerationEvent happened in host.GenerateAsync(request, together.Token))
                {
                    if (first) prefilled.OneIs(together.Token);
                    first = false;
                    if (happened is TextDelta delta) onDelta?.Invoke(index, delta);
                    if (happened is Completed completed) result = completed.Result;
                }
                cancel.ThrowIfCancellationRequested();
                return result ?? throw new InvalidOperationException("the engine ended an answer without its result");
            }
            catch
            {
                await together.CancelAsync();
                throw;
            }
        }
    }

    /// <summary>Asks for the totals when the first of the answers has its first token.</summary>
    private sealed class Prefilled(IInferenceHost host)
    {
        private int _asked;

        public Task<EngineTotals> Totals { get; private set; } = Task.FromResult(EngineTotals.Zero);

        public void OneIs(CancellationToken cancel)
        {
            if (Interlocked.Exchange(ref _asked, 1) == 0) Totals = host.GetTotalsAsync(cancel);
        }
    }
}
