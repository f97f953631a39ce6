using Microsoft.Extensions.Time.Testing;
using SubSpec.Torch.Engine;

namespace SubSpec.Server.Tests.Engines;

public class EngineProgressTests
{
    [Fact]
    public void The_rest_of_a_step_is_estimated_from_its_own_pace()
    {
        var time = new FakeTimeProvider();
        var seen = new Last();
        var progress = new EngineProgress(seen, time);

        Tell(BuildStep.PinningLayers, 0, 0.5);
        Assert.Equal(new LoadProgress(LoadStage.PinningLayers, 0, null), seen.Value);
        Tell(BuildStep.PinningLayers, 100, 1.5);
        Assert.Equal(new LoadProgress(LoadStage.PinningLayers, 0.1, null), seen.Value);
        Tell(BuildStep.PinningLayers, 250, 8);
        Assert.Equal(new LoadProgress(LoadStage.PinningLayers, 0.25, TimeSpan.FromSeconds(6)), seen.Value);
        Tell(BuildStep.UploadingWeights, 0, 2);
        Assert.Equal(new LoadProgress(LoadStage.UploadingWeights, 0, null), seen.Value);
        Tell(BuildStep.UploadingWeights, 1000, 0);
        Assert.Equal(new LoadProgress(LoadStage.UploadingWeights, 1, TimeSpan.Zero), seen.Value);

        void Tell(BuildStep step, long done, double secondsAfterwards)
        {
            progress.Report(new BuildProgress(step, done, 1000));
            time.Advance(TimeSpan.FromSeconds(secondsAfterwards));
        }
    }

    private sealed class Last : IProgress<LoadProgress>
    {
        public LoadProgress Value { get; private set; }

        public void Report(LoadProgress value) => Value = value;
    }
}
