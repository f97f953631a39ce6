using System.Collections.Immutable;
using SubSpec.Core.Text;

namespace SubSpec.Core.Generation;

/// <summary>What a generation begins with.</summary>
public abstract record Prompt
{
    private Prompt()
    {
    }

    /// <summary>Plain text; special tokens in it are parsed.</summary>
    public sealed record Text(string Value) : Prompt;

    /// <summary>A conversation, put through the model's chat template; with tools and other variables for it, where there are any.</summary>
    public sealed record Chat(ImmutableArray<ChatMessage> Messages, ChatVariables? Variables = null) : Prompt;

    /// <summary>Token ids, taken as they are.</summary>
    public sealed record Tokens(ImmutableArray<int> Ids) : Prompt;
}
