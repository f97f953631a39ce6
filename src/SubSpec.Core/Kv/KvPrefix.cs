using System.Collections.Immutable;

namespace SubSpec.Core.Kv;

/// <summary>What a sequence begins with, and whose KV it may share.</summary>
/// <param name="Tokens">Prompt, and output that is chosen already.</param>
/// <param name="Scope">Only what was committed under the same scope is found.</param>
/// <param name="OfSession">True where a next turn is to be expected: the sequence's KV is kept longer than that of others.</param>
public sealed record KvPrefix(ImmutableArray<int> Tokens, string Scope = "", bool OfSession = false)
{
    /// <summary>Shares nothing.</summary>
    public static KvPrefix None { get; } = new([]);
}
