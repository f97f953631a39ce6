using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Planning;
using SubSpec.Core.Text;
using SubSpec.Core.Trees;

namespace SubSpec.Server;

/// <summary>A loaded model that answers requests: engine, actors and tokenizer, composed. Safe to call from several threads.</summary>
public interface IInferenceHost : IAsyncDisposable
{
    HostInfo Info { get; }

    ITextCodec Codec { get; }

    /// <summary>Most bytes of the fast tier that were in use at once so far.</summary>
    long PeakFastTierBytes { get; }

    /// <summary>
    /// Answers one request: any number of <see cref="GenerationEvent.Delta"/> (the first as soon as the first token is known, its text
    /// possibly empty), then <see cref="GenerationEvent.Finished"/>. Several may run at once, up to <see cref="HostOptions.Sessions"/>.
    /// </summary>
    /// <exception cref="BadInputException">The request cannot be served, for example because the prompt is longer than the context.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the sequence is gone and its KV slots are free.</exception>
    IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancel);

    /// <summary>Changes schedule and draft shape while no request runs. Depth 0 decodes plainly (autoregressive).</summary>
    /// <param name="shape">At most <see cref="HostOptions.LargestShape"/>.</param>
    Task UseScheduleAsync(string schedule, DraftShape shape, CancellationToken cancel);

    Task<EngineTotals> GetTotalsAsync(CancellationToken cancel);
}

/// <summary>Makes hosts, and answers questions about models and machine that need none.</summary>
public interface IInferenceHostFactory
{
    /// <summary>Loads a model. Cancelling stops the loading at once, building of substitutes included.</summary>
    /// <exception cref="BadInputException">Model, budget or device cannot be used.</exception>
    Task<IInferenceHost> StartAsync(HostOptions options, IProgress<LoadProgress>? progress, CancellationToken cancel);

    /// <summary>What <see cref="StartAsync"/> would put where. Nothing is loaded.</summary>
    /// <exception cref="BadInputException">The model cannot be read, or the budget cannot hold it.</exception>
    PlanReport Plan(HostOptions options);

    /// <param name="path">A model folder, or a <c>config.json</c> alone.</param>
    ModelDescription Inspect(string path);

    /// <param name="options">A model to probe as well, or null for the machine alone.</param>
    DoctorReport Doctor(HostOptions? options, CancellationToken cancel);
}

/// <summary>What to load and how. Sizes are bytes.</summary>
public sealed record HostOptions
{
    /// <summary>Folder with <c>config.json</c> and safetensors; for <see cref="IInferenceHostFactory.Plan"/> a <c>config.json</c> alone will do.</summary>
    public required string ModelPath { get; init; }

    /// <summary>What results call the model.</summary>
    public required string ModelName { get; init; }

    /// <summary>Bytes of the fast tier; null for the default: the demo offloads every layer, else 60 % of what is available.</summary>
    public long? MemoryBudget { get; init; }

    /// <summary>Most tokens of a prompt and its answer; null for what the model was made for, within reason.</summary>
    public int? Context { get; init; }

    /// <summary>Most rows of a pass.</summary>
    public int Rows { get; init; } = DefaultRows;

    /// <summary>Slots of the weight ring; null for the planner's default.</summary>
    public int? Ring { get; init; }

    /// <summary>Bytes per second to which the link is slowed down on purpose; null for as fast as it goes.</summary>
    public double? LinkBandwidth { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Compute threads; null for all processors.</summary>
    public int? Threads { get; init; }

    /// <summary>Where substitutes are kept; null for SUBSPEC_CACHE or the user's cache folder. A folder given here must be writable.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Bits of a substitute's weights: 3, 4 or 8.</summary>
    public int SubstituteBits { get; init; } = 4;

    /// <summary>The schedule to start with.</summary>
    public required string Schedule { get; init; }

    /// <summary>The draft shape to start with; depth 0 decodes plainly.</summary>
    public required DraftShape Shape { get; init; }

    /// <summary>The bounds of every shape that will be asked for, each of its numbers on its own.</summary>
    public required DraftShape LargestShape { get; init; }

    /// <summary>Sequences that may run at once; the KV cache has room for each of them.</summary>
    public int Sessions { get; init; } = 1;

    /// <summary>File for a timeline of what ran when; null for none.</summary>
    public string? TraceFile { get; init; }

    /// <summary>Most rows of a pass where nothing else is asked for.</summary>
    public const int DefaultRows = 256;

    /// <summary>False when only plain decoding is asked for: no substitutes are made.</summary>
    public bool Drafts => LargestShape.Depth > 0;
}

/// <summary>The draft tree where the user asks for nothing else. The one place for these numbers.</summary>
public static class DraftDefaults
{
    public const int Depth = 32;

    public const int Width = 2;

    public const double Floor = 0.05;

    /// <summary>Most rows of a tree, the root included, unless a deeper chain was asked for.</summary>
    public const int MaxNodes = 64;

    public static DraftShape Shape { get; } = new(Depth, Width, Floor, MaxNodes);
}

/// <summary>What <see cref="IInferenceHostFactory.StartAsync"/> is doing.</summary>
public enum LoadStage
{
    /// <summary>Reading and checking headers, planning.</summary>
    Opening,

    /// <summary>Reading what is resident.</summary>
    LoadingWeights,

    /// <summary>Quantizing substitutes that no cache holds yet.</summary>
    BuildingSubstitutes,

    /// <summary>Proving that rows are computed alike in any batch.</summary>
    Probing,
}

/// <summary>How far loading is.</summary>
/// <param name="Fraction">Of this stage, 0 to 1.</param>
/// <param name="Remaining">Estimated rest of this stage; null while unknown.</param>
public readonly record struct LoadProgress(LoadStage Stage, double Fraction, TimeSpan? Remaining);

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
    double LoadSeconds,
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

/// <summary>A plan and what surrounds it.</summary>
/// <param name="BudgetIsDefault">Whether the budget was chosen rather than given.</param>
/// <param name="ProcessBytes">Measured memory of the process besides the plan.</param>
public sealed record PlanReport(ModelDescription Model, MemoryPlan Plan, bool BudgetIsDefault, long ProcessBytes);

/// <summary>What a checkpoint holds. Sizes are bytes; those that need more than <c>config.json</c> are computed from it.</summary>
/// <param name="Architecture"><c>model_type</c> of <c>config.json</c>.</param>
/// <param name="Label">As <see cref="HostInfo.Label"/>.</param>
/// <param name="Files">Weight files; 0 when only <c>config.json</c> was given.</param>
/// <param name="KvBytesPerToken">Keys and values of all layers.</param>
public sealed record ModelDescription(
    string Path,
    string Architecture,
    string? Label,
    int Layers,
    int HiddenSize,
    int IntermediateSize,
    int Heads,
    int KvHeads,
    int HeadSize,
    int VocabularySize,
    int Context,
    bool TiedEmbedding,
    string WeightType,
    long Parameters,
    long WeightBytes,
    long LayerBytes,
    long EmbeddingBytes,
    long KvBytesPerToken,
    int Files,
    int Tensors,
    bool HasChatTemplate);

/// <summary>How something that was examined stands.</summary>
public enum DoctorVerdict
{
    Good,

    /// <summary>Works, slower than it could.</summary>
    Slow,

    /// <summary>Does not work.</summary>
    Bad,
}

/// <summary>One thing that was examined.</summary>
/// <param name="Key">Stable name for scripts, <c>snake_case</c>.</param>
/// <param name="Value">What was found, for people.</param>
/// <param name="Advice">Why it would be slow or fail and what to do; null when good.</param>
public sealed record DoctorCheck(string Key, string Name, string Value, DoctorVerdict Verdict, string? Advice);

/// <summary>What this machine, and a model on it, can do.</summary>
public sealed record DoctorReport(ImmutableArray<DoctorCheck> Checks);
