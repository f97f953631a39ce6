using SubSpec.Torch.Engine;

namespace SubSpec.Server;

/// <summary>Passes on how far the building of an engine is, with the estimated rest of each of its steps.</summary>
internal sealed class EngineProgress(IProgress<LoadProgress> progress, TimeProvider time) : IProgress<BuildProgress>
{
    // Before that there is too little to go by.
    private static readonly TimeSpan TooEarly = TimeSpan.FromSeconds(1);

    private BuildStep? _step;
    private long _start;

    /// <summary>Called by one thread at a time.</summary>
    public void Report(BuildProgress value)
    {
        if (_step != value.Step) (_step, _start) = (value.Step, time.GetTimestamp());
        TimeSpan elapsed = time.GetElapsedTime(_start);
        TimeSpan? left = value.Done == 0 || elapsed < TooEarly ? null : elapsed * ((double)(value.Total - value.Done) / value.Done);
        progress.Report(new LoadProgress(StageOf(value.Step), (double)value.Done / value.Total, left));
    }

    private static LoadStage StageOf(BuildStep step) => step switch
    {
        BuildStep.PinningLayers => LoadStage.PinningLayers,
        BuildStep.UploadingWeights => LoadStage.UploadingWeights,
        BuildStep.Probing => LoadStage.Probing,
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "no such step"),
    };
}
