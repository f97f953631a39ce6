namespace SubSpec.Cli.Tests.Support;

/// <summary>The program with a fake host, in a world of its own.</summary>
internal sealed class CliHarness : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public CliHarness() => Folder.Add("program/models/demo/config.json");

    public FakeHosts Hosts { get; } = new();

    public Interrupts Interrupts { get; } = new();

    public TemporaryFolder Folder { get; } = new();

    public Dictionary<string, string> Variables { get; } = [];

    public TextReader Input { get; set; } = TextReader.Null;

    public bool Terminal { get; init; }

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public CliEnvironment Environment => new()
    {
        Out = _out,
        Error = _error,
        In = Input,
        InIsTerminal = Terminal,
        OutIsTerminal = Terminal,
        ErrorIsTerminal = Terminal,
        Hosts = Hosts,
        Interrupts = Interrupts,
        Variable = Variables.GetValueOrDefault,
        Variables = () => Variables,
        CurrentFolder = Folder.Path,
        ProgramFolder = Path.Combine(Folder.Path, "program"),
        UserFolder = Path.Combine(Folder.Path, "user"),
        NewSeed = () => 77,
        PeakRss = () => 654_321,
        Uptime = () => TimeSpan.FromSeconds(2),
    };

    public Task<int> RunAsync(params string[] arguments) => App.RunAsync(arguments, Environment);

    /// <summary>Like <see cref="RunAsync"/>, on one thread at a time: answers that are generated at once take turns, however busy the machine is.</summary>
    public Task<int> RunInTurnAsync(params string[] arguments) => Task.Factory.StartNew(
        () => RunAsync(arguments), CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    public void Dispose()
    {
        Folder.Dispose();
        Interrupts.Dispose();
    }
}
