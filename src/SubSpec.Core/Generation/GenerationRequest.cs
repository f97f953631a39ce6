using System.Collections.Immutable;
using SubSpec.Core.Sampling;
using SubSpec.Core.Text;

namespace SubSpec.Core.Generation;

/// <summary>What to continue: raw text, a conversation, or token ids as they are.</summary>
public abstract record Prompt
{
    public sealed record Text(string Value) : Prompt;

    public sealed record Chat(ImmutableArray<ChatMessage> Messages) : Prompt;

    public sealed record Tokens(ImmutableArray<int> Ids) : Prompt;
}

/// <summary>One answer to generate.</summary>
/// <param name="MaxTokens">Most tokens of the answer; the context's end may come first.</param>
/// <param name="Stop">The answer ends before any of these texts.</param>
public sealed record GenerationRequest(Prompt Prompt, SamplingOptions Sampling, int MaxTokens, ImmutableArray<string> Stop);
