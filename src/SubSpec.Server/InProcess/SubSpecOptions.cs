using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;
using SubSpec.Server.Http;
using SubSpec.Server.Http.Generating;

namespace SubSpec.Server.InProcess;

/// <summary>Which model a program runs in its own process, and how. Can be bound to a section of its configuration. Sizes are bytes.</summary>
public sealed class SubSpecOptions
{
    /// <summary>A folder as downloaded from Hugging Face: <c>config.json</c>, safetensors, tokenizer. Nothing is ever downloaded.</summary>
    public string Model { get; set; } = "";

    /// <summary>What answers call the model; null for the folder's name.</summary>
    public string? Name { get; set; }

    /// <summary>Fast memory to use; null for 60 % of what is available when the model is loaded.</summary>
    public long? MemoryBudget { get; set; }

    /// <summary>Most tokens of a prompt and its answer; null for what the model was made for, at most 2048.</summary>
    public int? Context { get; set; }

    /// <summary>Answers that are generated at once; the KV cache has room for each.</summary>
    public int Sessions { get; set; } = 4;

    /// <summary>Answers that may wait for others; more are refused.</summary>
    public int Queue { get; set; } = 32;

    /// <summary>When to draft, stream and verify.</summary>
    public string Schedule { get; set; } = ScheduleCatalog.Default;

    /// <summary>Tokens that a draft may be deep; 0 decodes plainly and makes no substitutes. Null for the schedule's own.</summary>
    public int? DraftDepth { get; set; }

    /// <summary>Branches of a draft; null for the schedule's own.</summary>
    public int? DraftWidth { get; set; }

    /// <summary>Compute threads; null for all processors.</summary>
    public int? Threads { get; set; }

    /// <summary>Where substitutes are kept; null for SUBSPEC_CACHE or the user's cache folder.</summary>
    public string? CacheFolder { get; set; }

    /// <summary>Bytes per second to which reading weights is slowed down on purpose, for experiments; null for as fast as it goes.</summary>
    public double? LinkBandwidth { get; set; }

    /// <summary>Time without requests after which the model's memory is given back; the next request loads it again. Null for never.</summary>
    public TimeSpan? IdleUnload { get; set; }

    /// <exception cref="BadInputException">Something cannot be used.</exception>
    internal Serving ToServing(IInferenceHostFactory hosts)
    {
        if (string.IsNullOrWhiteSpace(Model)) throw new BadInputException($"{nameof(SubSpecOptions)}.{nameof(Model)} is missing: give the folder that holds config.json and the weights");
        if (!File.Exists(Path.Combine(Model, "config.json"))) throw new BadInputException($"{nameof(SubSpecOptions)}.{nameof(Model)} '{Model}' has no config.json: give a Hugging Face model folder");
        Check(Sessions, nameof(Sessions), 1);
        Check(Queue, nameof(Queue), 0);
        Check(DraftDepth ?? 0, nameof(DraftDepth), 0);
        Check(DraftWidth ?? 1, nameof(DraftWidth), 1);
        if (IdleUnload is { } idle && (idle <= TimeSpan.Zero || idle > ServeOptions.LongestIdle))
            throw new BadInputException($"{nameof(SubSpecOptions)}.{nameof(IdleUnload)} {idle} is out of range: give more than 0 and at most {ServeOptions.LongestIdle.TotalDays:F0} days, or null for never");
        DraftShape shape = Shape();
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Model));
        var options = new HostOptions
        {
            ModelPath = folder,
            ModelName = Name ?? Path.GetFileName(folder),
            MemoryBudget = MemoryBudget,
            Context = Context,
            Sessions = Sessions,
            Schedule = Schedule,
            Shape = shape,
            LargestShape = shape,
            Threads = Threads,
            CacheFolder = CacheFolder,
            LinkBandwidth = LinkBandwidth,
        };
        return new Serving(options, Queue, IdleUnload, new ServeLimits { Choices = 1 }, hosts);
    }

    private DraftShape Shape()
    {
        if (DraftDepth == 0) return DraftShape.None;
        var asked = ImmutableDictionary.CreateBuilder<string, double>();
        if (DraftDepth is { } depth) asked[TreeParameters.Depth.Name] = depth;
        if (DraftWidth is { } width) asked[TreeParameters.Width.Name] = width;
        // A depth that was asked for may need longer passes than usual.
        int rows = Math.Max(HostOptions.DefaultRows, DraftDefaults.Nodes(DraftDepth ?? 0, DraftWidth ?? DraftDefaults.Width));
        return DraftDefaults.ShapeOf(ScheduleCatalog.BuiltIn, Schedule, asked.ToImmutable(), rows);
    }

    private static void Check(int value, string name, int least)
    {
        if (value < least) throw new BadInputException($"{nameof(SubSpecOptions)}.{name} {value} is out of range: give {least} or more");
    }
}
