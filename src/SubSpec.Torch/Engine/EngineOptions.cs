using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Engine;

/// <summary>How an engine is built. Sizes are bytes.</summary>
public sealed record EngineOptions
{
    /// <summary>Folder with <c>config.json</c> and safetensors.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>Where the weights come from in place of the folder's safetensors; null for those.</summary>
    public ITensorSource? Weights { get; init; }

    /// <summary>Bytes of the fast tier; null for the smallest workable plan, which offloads every layer.</summary>
    public long? MemoryBudget { get; init; }

    /// <summary>Most tokens of a prompt and its answer; null for what the model was made for, at most <see cref="DefaultContext"/>.</summary>
    public int? Context { get; init; }

    /// <summary>Sequences that run at once: the KV cache has room for the whole context of each. What they leave unused is the prefix cache.</summary>
    public int Sequences { get; init; } = 1;

    /// <summary>Most rows of a tree, the root included.</summary>
    public int TreeRows { get; init; } = 64;

    /// <summary>Most rows of a pass.</summary>
    public int PassRows { get; init; } = 256;

    /// <summary>Most rows of a draft step.</summary>
    public int DraftRows { get; init; } = 16;

    /// <summary>Slots of the ring; null for the planner's default.</summary>
    public int? RingSlots { get; init; }

    /// <summary>Bytes per second to which the link is slowed down on purpose; null for as fast as it goes.</summary>
    public double? LinkBandwidth { get; init; }

    /// <summary>The CUDA device to compute on; null for the processor.</summary>
    public int? CudaDevice { get; init; }

    /// <summary>Bytes of the host's memory that offloaded layers may be pinned in, on <c>cuda</c>; where they need more, they come from disk in every pass. Null for <see cref="PinnedShare"/> of what there is.</summary>
    public long? HostMemory { get; init; }

    /// <summary>Compute threads; null for all processors.</summary>
    public int? Threads { get; init; }

    /// <summary>Bits of the substitutes' weights.</summary>
    public int SubstituteBits { get; init; } = 4;

    /// <summary>False when only plain decoding is asked for: no substitutes are made.</summary>
    public bool Drafts { get; init; } = true;

    /// <summary>Where substitutes are kept; null for the user's cache folder.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Fills free and rejected KV slots with NaN, so that reading one shows. On in debug builds and in tests.</summary>
    public bool PoisonFreeKv { get; init; } =
#if DEBUG
        true;
#else
        false;
#endif

    /// <summary>Of the host's available memory, what offloaded layers may be pinned in where nothing is said.</summary>
    public const double PinnedShare = 0.7;

    /// <summary>Context where none is given and the model allows more.</summary>
    public const int DefaultContext = 2048;
}
