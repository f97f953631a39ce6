using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>Loading as a bar with the estimated rest.</summary>
internal sealed class LoadBar(StatusLine line) : IProgress<LoadProgress>
{
    private const int Cells = 30;

    public void Report(LoadProgress value) => line.Show(Text(value));

    public static string Text(LoadProgress value)
    {
        double fraction = Math.Clamp(value.Fraction, 0, 1);
        int filled = (int)(fraction * Cells);
        string rest = value.Remaining is { } left && left > TimeSpan.Zero ? $"  {Figures.Duration(left.TotalSeconds)} left" : "";
        return $"{Name(value.Stage),-20} {new string('█', filled)}{new string('░', Cells - filled)} {fraction,4:P0}{rest}";
    }

    private static string Name(LoadStage stage) => stage switch
    {
        LoadStage.Opening => "opening model",
        LoadStage.LoadingWeights => "loading weights",
        LoadStage.BuildingSubstitutes => "building substitutes",
        LoadStage.PinningLayers => "pinning layers",
        LoadStage.UploadingWeights => "uploading weights",
        _ => "checking arithmetic",
    };
}
