using SubSpec.Cli.Tests.Support;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Tests.Options;

public sealed class ScheduleAssemblyTests
{
    /// <summary>Built beside the tests, but no assembly of theirs.</summary>
    public static string Example => Path.Combine(AppContext.BaseDirectory, "example-schedule.dll");

    [Fact]
    public async Task A_schedule_of_ones_own_is_found_by_its_name_and_told_its_settings()
    {
        using var cli = new CliHarness();
        string[] line = ["run", "--schedule-assembly", Example, "--schedule", "deeper-alone", "--set", "deeper-alone.crowd-depth=3", "--set", "deeper-alone.depth=9"];
        Assert.Equal((ExitCodes.Done, ""), (await cli.RunAsync(line), cli.Error.StartsWith("warning", StringComparison.Ordinal) ? cli.Error : ""));

        HostOptions options = Assert.Single(cli.Hosts.Asked)!;
        Assert.Equal(("deeper-alone", 9), (options.Schedule, options.Shape.Depth));
        Assert.Equal([8], Depths(options, sequences: 1));
        Assert.Equal([3, 3], Depths(options, sequences: 2));
    }

    [Fact]
    public async Task A_benchmark_compares_it_with_those_that_come_with_the_program()
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync(
            "bench", "--schedule-assembly", Example, "--schedules", "prefetch,deeper-alone", "--methods", "subspec", "--prompt", "a", "--max-tokens", "4"));
        Assert.Contains("deeper-alone", cli.Hosts.Schedules.Select(s => s.Schedule));
    }

    [Theory]
    [InlineData("deeper-alone.speed=3", "it knows depth, width, floor, max-nodes, crowd-depth")]
    [InlineData("deeper-alone.crowd-depth=0", "whole number from 1 to 512")]
    public async Task Its_settings_are_checked_as_those_of_any_other(string setting, string mentions)
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.BadInput, await cli.RunAsync("run", "--schedule-assembly", Example, "--set", setting));
        Assert.Contains(mentions, cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_assembly_or_has_no_schedule_is_refused_in_one_line()
    {
        using var cli = new CliHarness();
        foreach ((string file, string mentions) in new[]
        {
            (cli.Folder.Add("text.dll", "not an assembly"), "is not a .NET assembly"),
            (typeof(DraftShape).Assembly.Location, "has no schedule"),
            (typeof(TwiceTheSame).Assembly.Location, "are both named 'twice'"),
        })
        {
            Assert.Equal(ExitCodes.BadInput, await cli.RunAsync("run", "--schedule-assembly", file));
            Assert.Contains(mentions, cli.Error, StringComparison.Ordinal);
            Assert.Contains(file, cli.Error, StringComparison.Ordinal);
        }
        Assert.Equal(3, cli.Error.Count(c => c == '\n'));
        Assert.Empty(cli.Hosts.Asked);
    }

    [Fact]
    public void A_name_that_is_taken_is_refused_with_the_file()
    {
        ScheduleCatalog taken = ScheduleAssembly.AddTo(ScheduleCatalog.BuiltIn, Example);
        string refusal = Assert.Throws<Core.BadInputException>(() => ScheduleAssembly.AddTo(taken, Example)).Message;
        Assert.StartsWith(Example, refusal, StringComparison.Ordinal);
        Assert.Contains("'deeper-alone' already", refusal, StringComparison.Ordinal);
    }

    private static int[] Depths(HostOptions options, int sequences)
    {
        ISchedule schedule = options.Schedules.Create(options.Schedule, options.SettingsFor(options.Shape));
        ScheduleState state = schedule.Start();
        var drafts = new List<ScheduleCommand.StartDraft>();
        for (int i = 1; i <= sequences; i++) Tell(new ScheduleEvent.SequenceReady(new SequenceProgress(new(i), 5, 10)));
        // The first prompt is alone in its pass; whoever came meanwhile has theirs in the second.
        Tell(new ScheduleEvent.PassVerified(new(1), [new SequenceProgress(new(1), 0, 9)]));
        if (sequences == 1) return [.. drafts[^1].Orders.Select(o => o.Shape.Depth)];
        Tell(new ScheduleEvent.TreesDrafted(new(1), [new(1)]));
        Tell(new ScheduleEvent.PassVerified(new(2), [.. Enumerable.Range(1, sequences).Select(i => new SequenceProgress(new(i), 0, 9))]));
        return [.. drafts[^1].Orders.Select(o => o.Shape.Depth)];

        void Tell(ScheduleEvent happened)
        {
            (state, var commands) = schedule.Next(state, happened);
            drafts.AddRange(commands.OfType<ScheduleCommand.StartDraft>());
        }
    }
}

/// <summary>Two schedules of one name, for the test that loads this assembly.</summary>
public class TwiceTheSame : IScheduleFactory
{
    public string Name => "twice";

    public IReadOnlyList<ScheduleParameter> Parameters => [];

    public ISchedule Create(ScheduleSettings settings, IReadOnlyDictionary<string, double> parameters) => ScheduleCatalog.BuiltIn.Create("sequential", settings);
}

/// <summary>The second of them.</summary>
public sealed class TwiceTheSameAgain : TwiceTheSame;
