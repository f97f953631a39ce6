using System.Collections.Immutable;
using System.Text;
using SubSpec.Core.Sampling;
using SubSpec.Server.Http.Generating;

namespace SubSpec.Server.Http.Chat;

/// <summary>Log-probabilities as the chat API writes them.</summary>
internal static class ChatLogProbWriter
{
    /// <summary>Null where none were asked for. End-of-text tokens are no content.</summary>
    public static ChatLogProbs? Write(AnswerContext context, ImmutableArray<TokenLogProbs> tokens)
    {
        if (context.Request.TopLogProbs is null) return null;
        return new ChatLogProbs(
        [
            .. from token in tokens
               where !context.Limits.EosTokens.Contains(token.Token)
               let chosen = Ranked(context, token.Token, token.LogProb)
               select new ChatTokenLogProb(chosen.Token, chosen.Logprob, chosen.Bytes, [.. token.Top.Select(t => Ranked(context, t.Token, t.LogProb))]),
        ]);
    }

    private static RankedTokenLogProb Ranked(AnswerContext context, int token, double logProb)
    {
        ReadOnlySpan<byte> bytes = context.Codec.BytesOf(token);
        var numbers = ImmutableArray.CreateBuilder<int>(bytes.Length);
        foreach (byte b in bytes) numbers.Add(b);
        return new RankedTokenLogProb(Encoding.UTF8.GetString(bytes), logProb, numbers.MoveToImmutable());
    }
}
