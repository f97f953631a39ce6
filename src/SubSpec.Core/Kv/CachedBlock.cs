using System.Collections.Immutable;

namespace SubSpec.Core.Kv;

/// <summary>A block of the prefix cache: committed KV, findable by its tokens and what stands before them.</summary>
internal sealed class CachedBlock
{
    public CachedBlock(BlockKey key, long id, int block)
    {
        (Key, Id, Block) = (key, id, block);
        Place = new LinkedListNode<CachedBlock>(this);
    }

    public BlockKey Key { get; }

    /// <summary>1 or more; never given twice, so that nothing is found below a block that took an evicted one's place.</summary>
    public long Id { get; }

    /// <summary>Number of the block of slots.</summary>
    public int Block { get; }

    /// <summary>Leases that use the block.</summary>
    public int References { get; set; }

    /// <summary>True once a session has used the block.</summary>
    public bool OfSession { get; set; }

    /// <summary>When the last lease gave it back, as a timestamp of the cache's clock.</summary>
    public long LastUse { get; set; }

    /// <summary>Its place among the blocks that no lease uses.</summary>
    public LinkedListNode<CachedBlock> Place { get; }
}

/// <summary>What a cached block holds and what stands before it. Compared token by token: two prompts with one hash never share KV.</summary>
/// <param name="Parent">Id of the block before it; 0 for none.</param>
internal readonly record struct BlockKey(long Parent, string Scope, ImmutableArray<int> Tokens)
{
    public bool Equals(BlockKey other) => Parent == other.Parent && Scope == other.Scope && Tokens.AsSpan().SequenceEqual(other.Tokens.AsSpan());

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Parent);
        hash.Add(Scope);
        foreach (int token in Tokens) hash.Add(token);
        return hash.ToHashCode();
    }
}
