using System.Collections.Immutable;
using System.Text;
using SubSpec.Core.Sampling;
using SubSpec.Server.Http.Generating;

namespace SubSpec.Server.Http.Completions;

/// <summary>Log-probabilities of one choice, as the older API writes them.</summary>
internal sealed class CompletionLogProbWriter(AnswerContext context)
{
    private int _offset;

    /// <summary>Null where none were asked for. End-of-text tokens are no text.</summary>
    public CompletionLogProbs? Write(ImmutableArray<TokenLogProbs> all)
    {
        if (context.Request.TopLogProbs is null) return null;
        ImmutableArray<TokenLogProbs> tokens = [.. all.Where(t => !context.Limits.EosTokens.Contains(t.Token))];
        ImmutableArray<string> texts = [.. tokens.Select(t => Text(t.Token))];
        var offsets = ImmutableArray.CreateBuilder<int>(texts.Length);
        foreach (string text in texts)
        {
            offsets.Add(_offset);
            _offset += text.Length;
        }
        return new CompletionLogProbs(texts, [.. tokens.Select(t => t.LogProb)], [.. tokens.Select(Top)], offsets.MoveToImmutable());
    }

    // Different tokens may have one text, where it is a part of a character: the most probable of them stands for all.
    private Dictionary<string, double> Top(TokenLogProbs token)
    {
        var top = new Dictionary<string, double>();
        foreach (RankedLogProb ranked in token.Top) top.TryAdd(Text(ranked.Token), ranked.LogProb);
        return top;
    }

    private string Text(int token) => Encoding.UTF8.GetString(context.Codec.BytesOf(token));
}
