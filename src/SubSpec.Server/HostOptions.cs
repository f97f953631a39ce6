using System.Collections.Immutable;
using SubSpec.Core.Schedules;
using SubSpec.Core.Timeline;
using SubSpec.Core.Trees;

namespace SubSpec.Server;

/// <summary>What to load and how. Sizes are bytes.</summary>
public sealed record HostOptions
{
    /// <summary>Folder with <c>config.json</c> and safetensors; for <see cref="IInferenceHostFactory.Plan"/> a <c>config.json</c> alone will do.</summary>
    public required string ModelPath { get; init; }

    /// <summary>What results call the model.</summary>
    public required string ModelName { get; init; }

    /// <summary>Whether it is the embedded model.</summary>
    public bool IsDemo { get; init; }

    /// <summary>Bytes of the fast tier; null for the default: the demo offloads every layer, else 60 % of what is available.</summary>
    public long? MemoryBudget { get; init; }

    /// <summary>Most tokens of a prompt and its answer; null for what the model was made for, within reason.</summary>
    public int? Context { get; init; }

    /// <summary>Most rows of a pass, where no tree is larger.</summary>
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

    /// <summary>The schedules that there are, with what was asked of their parameters.</summary>
    public ScheduleCatalog Schedules { get; init; } = ScheduleCatalog.BuiltIn;

    /// <summary>What was asked of the trees of all schedules, by the names of <see cref="TreeParameters"/>: where another schedule is switched to, it holds for that one too.</summary>
    public IReadOnlyDictionary<string, double> AskedOfTrees { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>The schedule to start with.</summary>
    public required string Schedule { get; init; }

    /// <summary>The draft shape to start with; depth 0 decodes plainly.</summary>
    public required DraftShape Shape { get; init; }

    /// <summary>The bounds of every shape that will be asked for, each of its numbers on its own.</summary>
    public required DraftShape LargestShape { get; init; }

    /// <summary>Sequences that may run at once; the KV cache has room for each of them.</summary>
    public int Sessions { get; init; } = 1;

    /// <summary>Sequences that may wait for others to end; more are refused.</summary>
    public int Waiting { get; init; } = 32;

    /// <summary>Most rows of a pass, so that the largest tree fits.</summary>
    public int PassRows => Math.Max(Rows, LargestShape.MaxNodes);

    /// <summary>The shape that this schedule drafts if it is switched to: within <see cref="LargestShape"/>, and none at all where the start drafts nothing.</summary>
    /// <exception cref="Core.BadInputException">There is no such schedule; the message lists those there are.</exception>
    public DraftShape ShapeOf(string schedule)
    {
        DraftShape shape = DraftDefaults.ShapeOf(Schedules, schedule, AskedOfTrees, PassRows);
        if (Shape.Depth == 0 || schedule == Schedule) return Shape;
        return shape with
        {
            Depth = Math.Min(shape.Depth, LargestShape.Depth),
            Width = Math.Min(shape.Width, LargestShape.Width),
            MaxNodes = Math.Min(shape.MaxNodes, LargestShape.MaxNodes),
        };
    }

    /// <summary>What a schedule is given for this shape.</summary>
    public ScheduleSettings SettingsFor(DraftShape shape) => new(shape, Rows) { PassRows = PassRows };

    /// <summary>Takes note of who works when, by the clock of <see cref="TimeProvider.System"/>.</summary>
    public ITimeline Timeline { get; init; } = ITimeline.Off;

    /// <summary>Most rows of a pass where nothing else is asked for.</summary>
    public const int DefaultRows = 256;

    /// <summary>False when only plain decoding is asked for: no substitutes are made.</summary>
    public bool Drafts => LargestShape.Depth > 0;
}
