using SubSpec.Cli.Output;
using SubSpec.Server;

namespace SubSpec.Cli.Tests.Output;

public sealed class ProgressTests
{
    [Fact]
    public void A_bar_shows_stage_share_and_rest()
    {
        string text = LoadBar.Text(new LoadProgress(LoadStage.BuildingSubstitutes, 0.5, TimeSpan.FromSeconds(90)));
        Assert.StartsWith("building substitutes ███████████████░░░░░░░░░░░░░░░", text, StringComparison.Ordinal);
        Assert.EndsWith("90.0 s left", text, StringComparison.Ordinal);
        Assert.Contains("50", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LoadStage.Opening, "opening model")]
    [InlineData(LoadStage.PinningLayers, "pinning layers")]
    [InlineData(LoadStage.UploadingWeights, "uploading weights")]
    [InlineData(LoadStage.Probing, "checking arithmetic")]
    public void Every_stage_has_a_name(LoadStage stage, string name) =>
        Assert.StartsWith($"{name,-20} ░", LoadBar.Text(new LoadProgress(stage, 0, null)), StringComparison.Ordinal);

    [Theory]
    [InlineData(-1.0)]
    [InlineData(7.0)]
    public void A_bar_stays_in_its_bounds(double fraction) => Assert.InRange(LoadBar.Text(new LoadProgress(LoadStage.Opening, fraction, null)).Length, 50, 60);

    [Fact]
    public void A_shorter_line_covers_a_longer_one_and_leaves_nothing_behind()
    {
        var writer = new StringWriter();
        var line = new StatusLine(writer, isTerminal: true, width: 20);
        line.Show("long text");
        line.Show("short");
        line.Show("short");
        line.Clear();
        line.Clear();
        Assert.Equal("\rlong text\rshort    \r     \r", writer.ToString());
    }

    [Fact]
    public void A_line_never_wraps()
    {
        var writer = new StringWriter();
        new StatusLine(writer, isTerminal: true, width: 5).Show("abcdefgh");
        Assert.Equal("\rabcd", writer.ToString());
    }

    [Fact]
    public void Elsewhere_nothing_is_written()
    {
        var writer = new StringWriter();
        var line = new StatusLine(writer, isTerminal: false, width: 20);
        line.Show("text");
        line.Clear();
        Assert.Equal("", writer.ToString());
    }

    [Theory]
    [InlineData(0.0123, "12 ms")]
    [InlineData(1.5, "1.5 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(7300, "2 h 1 min")]
    public void Durations_are_short(double seconds, string text) => Assert.Equal(text, Figures.Duration(seconds));
}
