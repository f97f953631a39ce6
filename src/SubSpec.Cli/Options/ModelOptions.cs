using System.Collections.Immutable;
using System.CommandLine;
using System.Text.RegularExpressions;
using SubSpec.Core;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Options;

/// <summary>What to load, and into what.</summary>
internal sealed partial class ModelOptions
{
    public const int MostRows = 4096;

    private readonly Option<string?> _model = ModelOption("DIR|org/name");
    private readonly Option<int?> _bits = Typed.Parsed<int?>("--substitute-bits", "N", "bits of the substitutes' weights: 3, 4 (default) or 8", text =>
        text is "3" or "4" or "8" ? text[0] - '0' : throw new BadInputException($"--substitute-bits '{text}' is not valid: give 3, 4 or 8"));

    private readonly Option<long?> _budget = Typed.Size("--memory-budget", "fast memory to use (default: the demo streams every layer, else 60 % of what is free)");
    private readonly Option<int?> _context = Typed.Whole("--context", 2, 1 << 20, "most tokens of prompt and answer together (default: the model's, at most 2048)");
    private readonly Option<int?> _rows = Typed.Whole("--rows", 2, MostRows, $"most tokens of one pass (default {HostOptions.DefaultRows})");
    private readonly Option<int?> _ring = Typed.Whole("--ring", 1, 64, "layers that the streaming ring holds (default 3)");
    private readonly Option<double?> _link = Typed.Parsed<double?>("--link-bandwidth", "SIZE/s", "slow the link down on purpose, for experiments", ParseRate);
    private readonly Option<string?> _device = DeviceOption("where to compute (default cpu); cuda needs NVIDIA's driver, and SUBSPEC_LIBTORCH: the lib folder of a Python torch");
    private readonly Option<int?> _threads = Typed.Whole("--threads", 1, 1024, "compute threads (default: all processors)");
    private readonly Option<string?> _cache = Typed.Text("--cache", "DIR", "where substitutes are kept (default: SUBSPEC_CACHE, else the user's cache folder)");

    public static Option<string?> ModelOption(string placeholder) =>
        Typed.Text("--model", placeholder, "a model folder, or a name in the local Hugging Face cache (default: the embedded demo); nothing is downloaded");

    public static Option<string?> DeviceOption(string help) => Typed.Parsed<string?>("--device", "cpu|cuda[:N]", help, text =>
        DeviceName().IsMatch(text) ? text : throw new BadInputException($"--device '{text}' is not valid: give cpu, cuda or cuda:N"));

    /// <summary>What decides the memory plan.</summary>
    public OptionGroup ModelGroup => new("Model and memory", [_model, _budget, _context, _rows, _ring, _bits]);

    /// <summary>The same without the model itself.</summary>
    public OptionGroup MemoryGroup => new("Memory", [_budget, _context, _rows, _ring, _bits]);

    public OptionGroup MachineGroup => new("Machine", [_device, _threads, _link, _cache]);

    /// <summary>Most rows of a pass: trees have to fit.</summary>
    public int Rows(ParseResult parsed) => parsed.GetValue(_rows) ?? HostOptions.DefaultRows;

    /// <param name="decodings">Every way to decode that will be used; the first is the one to start with.</param>
    /// <param name="configAlone">Whether a <c>config.json</c> without weights will do.</param>
    public HostOptions Read(ParseResult parsed, CliEnvironment environment, ImmutableArray<Decoding> decodings, int sessions, bool configAlone = false) =>
        Read(parsed, new ModelLocator(environment).Find(parsed.GetValue(_model), configAlone), decodings, sessions);

    /// <summary>The same for a model that was found already.</summary>
    public HostOptions Read(ParseResult parsed, LocatedModel model, ImmutableArray<Decoding> decodings, int sessions)
    {
        return new HostOptions
        {
            ModelPath = model.Path,
            ModelName = model.Name,
            IsDemo = model.IsDemo,
            MemoryBudget = parsed.GetValue(_budget),
            Context = parsed.GetValue(_context),
            Rows = Rows(parsed),
            Ring = parsed.GetValue(_ring),
            LinkBandwidth = parsed.GetValue(_link),
            Device = parsed.GetValue(_device) ?? "cpu",
            Threads = parsed.GetValue(_threads),
            CacheFolder = parsed.GetValue(_cache),
            SubstituteBits = parsed.GetValue(_bits) ?? 4,
            Schedule = decodings[0].Schedule,
            Shape = decodings[0].Shape,
            LargestShape = Largest(decodings),
            Sessions = sessions,
        };
    }

    private static DraftShape Largest(ImmutableArray<Decoding> decodings) => decodings.Select(d => d.Shape).Aggregate((a, b) => new DraftShape(
        Math.Max(a.Depth, b.Depth), Math.Max(a.Width, b.Width), Math.Min(a.Floor, b.Floor), Math.Max(a.MaxNodes, b.MaxNodes)));

    /// <summary>Bytes a second.</summary>
    public static double? ParseRate(string text)
    {
        try
        {
            if (text.EndsWith("/s", StringComparison.Ordinal)) return ByteSize.Parse(text[..^2], "");
        }
        catch (BadInputException)
        {
            // The message below says it for a rate.
        }
        throw new BadInputException($"--link-bandwidth '{text}' is not a rate: write it like 500MB/s or 2GiB/s");
    }

    [GeneratedRegex(@"^(cpu|cuda(:[0-9]{1,2})?)\z")]
    private static partial Regex DeviceName();
}
