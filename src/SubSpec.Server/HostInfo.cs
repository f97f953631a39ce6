using System.Collections.Immutable;
using SubSpec.Core.Planning;

namespace SubSpec.Server;

/// <summary>What was loaded and what is in force.</summary>
/// <param name="Label">What a reader of results must know about the model, for example that it was enlarged; null for nothing.</param>
/// <param name="Substitutes">Null when nothing drafts.</param>
/// <param name="DirectIo">Whether offloaded weights bypass the page cache; true where nothing is offloaded.</param>
/// <param name="Deterministic">Whether the start-up probe found rows computed alike in any batch.</param>
/// <param name="LinkBandwidth">Bytes per second to which the link is slowed down on purpose; null when it is not.</param>
/// <param name="Warnings">One line each: what is in force although something else was asked for or is better.</param>
public sealed record HostInfo(
    string Model,
    string? Label,
    MemoryPlan Plan,
    LoadTimes Loading,
    SubstituteReport? Substitutes,
    bool DirectIo,
    bool Deterministic,
    int Threads,
    double? LinkBandwidth,
    string Device,
    ImmutableArray<string> Warnings);

/// <summary>Where the substitutes came from.</summary>
/// <param name="Built">Layers quantized in this run.</param>
/// <param name="Loaded">Layers found in the cache.</param>
/// <param name="Seconds">Time that building and loading took.</param>
/// <param name="RelativeError">Mean of |W - substitute| / |W| in the Frobenius norm.</param>
public sealed record SubstituteReport(int Bits, int Built, int Loaded, double Seconds, double RelativeError);
