using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

public class ScheduleCatalogTests
{
    private const int Rows = 256;

    private static readonly ScheduleSettings Settings = new(new DraftShape(8, 2, 0.02, 32), 10);

    private static readonly Dictionary<string, double> Nothing = [];

    [Fact]
    public void Every_name_creates_the_schedule_of_that_name()
    {
        Assert.All(ScheduleCatalog.BuiltIn.Names, name => Assert.Equal(name, ScheduleCatalog.BuiltIn.Create(name, Settings).Name));
        Assert.Contains(ScheduleCatalog.Default, ScheduleCatalog.BuiltIn.Names);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_names_there_are()
    {
        var refusal = Assert.Throws<BadInputException>(() => ScheduleCatalog.BuiltIn.Create("Prefetch", Settings));
        Assert.Contains("'Prefetch'", refusal.Message);
        Assert.All(ScheduleCatalog.BuiltIn.Names, name => Assert.Contains(name, refusal.Message));
    }

    [Fact]
    public void A_schedule_with_a_tree_of_its_own_keeps_it_unless_somebody_asks_for_another()
    {
        ScheduleCatalog catalog = ScheduleCatalog.BuiltIn;
        var asked = new Dictionary<string, double> { ["depth"] = 12 };
        Assert.True(catalog.HasOwnDepth("adaptive") && !catalog.HasOwnDepth("prefetch"));
        DraftShape own = catalog.ShapeOf("adaptive", Settings.Shape, Nothing, Rows);
        Assert.NotEqual(Settings.Shape.Depth, own.Depth);
        Assert.Equal(own with { Depth = 12 }, catalog.ShapeOf("adaptive", Settings.Shape, asked, Rows));
        Assert.Equal(20, catalog.Set("adaptive", "depth", "20").ShapeOf("adaptive", Settings.Shape, asked, Rows).Depth);
        Assert.Equal(Settings.Shape with { Depth = 12 }, catalog.ShapeOf("prefetch", Settings.Shape, asked, Rows));
    }

    [Fact]
    public void A_depth_that_nobody_asked_for_fits_the_rows_and_the_nodes()
    {
        ScheduleCatalog catalog = ScheduleCatalog.BuiltIn;
        DraftShape open = Settings.Shape with { MaxNodes = 0 };
        Assert.Equal(19, catalog.ShapeOf("adaptive", open, Nothing, rows: 20).Depth);
        Assert.Equal(10, catalog.Set("adaptive", "max-nodes", "11").ShapeOf("adaptive", open, Nothing, Rows).Depth);
        Assert.Equal(40, catalog.Set("adaptive", "depth", "40").ShapeOf("adaptive", open, Nothing, rows: 20).Depth);
    }

    [Theory]
    [InlineData(100, 8)]
    [InlineData(9, 8)]
    [InlineData(8, 7)]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    public void A_round_is_one_token_less_deep_than_what_is_left(int tokensLeft, int depth) =>
        Assert.Equal(Settings.Shape with { Depth = depth }, Settings.ShapeFor(tokensLeft));

    [Fact]
    public void What_is_set_of_a_schedule_reaches_it_and_no_other()
    {
        var factory = new Probe("mine", new ScheduleParameter("speed", 3, 1, 9, "how fast"));
        ScheduleCatalog catalog = ScheduleCatalog.BuiltIn.Add(factory);
        catalog.Create("mine", Settings);
        Assert.Equal(3, factory.Given!["speed"]);

        ScheduleCatalog set = catalog.Set("mine", "speed", "7").Set("mine", "depth", "5").Set("mine", "floor", "0.25");
        set.Create("mine", Settings);

        Assert.Equal(7, Assert.Single(factory.Given!).Value);
        Assert.Equal(new DraftShape(5, 2, 0.25, 32), set.ShapeOf("mine", Settings.Shape, Nothing, Rows));
        Assert.Equal(Settings.Shape, set.ShapeOf("prefetch", Settings.Shape, Nothing, Rows));
        Assert.Equal(Settings.Shape, catalog.ShapeOf("mine", Settings.Shape, Nothing, Rows));
    }

    [Theory]
    [InlineData("mine", "colour", "3", "it knows depth, width, floor, max-nodes, speed")]
    [InlineData("yours", "speed", "3", "unknown schedule 'yours'")]
    [InlineData("mine", "speed", "10", "from 1 to 9")]
    [InlineData("mine", "speed", "2.5", "whole number")]
    [InlineData("mine", "floor", "NaN", "'NaN'")]
    [InlineData("mine", "depth", "", "whole number from 0")]
    [InlineData("mine", "max-nodes", "1", "whole number from 2")]
    public void What_cannot_be_set_is_refused(string schedule, string key, string value, string mentions)
    {
        ScheduleCatalog catalog = ScheduleCatalog.BuiltIn.Add(new Probe("mine", new ScheduleParameter("speed", 3, 1, 9, "how fast")));
        Assert.Contains(mentions, Assert.Throws<BadInputException>(() => catalog.Set(schedule, key, value)).Message);
    }

    [Theory]
    [InlineData("prefetch", "speed", "already")]
    [InlineData("my.own", "speed", "letters")]
    [InlineData("", "speed", "letters")]
    [InlineData("mine", "depth", "two parameters 'depth'")]
    [InlineData("mine", "so fast", "letters")]
    public void A_name_that_cannot_be_used_is_refused(string name, string parameter, string mentions) => Assert.Contains(
        mentions,
        Assert.Throws<BadInputException>(() => ScheduleCatalog.BuiltIn.Add(new Probe(name, new ScheduleParameter(parameter, 3, 1, 9, "how fast")))).Message);

    private sealed class Probe(string name, params ScheduleParameter[] parameters) : IScheduleFactory
    {
        public IReadOnlyDictionary<string, double>? Given { get; private set; }

        public string Name => name;

        public IReadOnlyList<ScheduleParameter> Parameters => parameters;

        public ISchedule Create(ScheduleSettings settings, IReadOnlyDictionary<string, double> values)
        {
            Given = values;
            return SerialSchedule.Sequential(settings);
        }
    }
}
