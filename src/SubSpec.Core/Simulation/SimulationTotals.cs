using SubSpec.Core.Engine;

namespace SubSpec.Core.Simulation;

/// <summary>What has happened so far. Snapshots subtract to what happened between them.</summary>
internal sealed record SimulationTotals
{
    public double VerifySeconds { get; private set; }

    public double DraftSeconds { get; private set; }

    public double OverlapSeconds { get; private set; }

    public double StallSeconds { get; private set; }

    public double BytesStreamed { get; private set; }

    public long Passes { get; private set; }

    public long VerifiedRows { get; private set; }

    public long DraftSteps { get; private set; }

    public long DraftedRows { get; private set; }

    public AheadFigures Ahead { get; private set; }

    public void AddVerify(double seconds) => VerifySeconds += seconds;

    public void AddStall(double seconds) => StallSeconds += seconds;

    public void AddLayer(double bytes) => BytesStreamed += bytes;

    public void AddPass(int rows)
    {
        Passes++;
        VerifiedRows += rows;
    }

    public void AddAhead(AheadFigures figures) => Ahead += figures;

    public void AddStep(int rows, double seconds, double overlap)
    {
        DraftSteps++;
        DraftedRows += rows;
        DraftSeconds += seconds;
        OverlapSeconds += overlap;
    }

    /// <summary>A copy that does not change any more.</summary>
    public SimulationTotals Snapshot() => this with { };

    /// <summary>Adds what happened after <paramref name="earlier"/> in <paramref name="later"/>.</summary>
    public void AddBetween(SimulationTotals earlier, SimulationTotals later)
    {
        VerifySeconds += later.VerifySeconds - earlier.VerifySeconds;
        DraftSeconds += later.DraftSeconds - earlier.DraftSeconds;
        OverlapSeconds += later.OverlapSeconds - earlier.OverlapSeconds;
        StallSeconds += later.StallSeconds - earlier.StallSeconds;
        BytesStreamed += later.BytesStreamed - earlier.BytesStreamed;
        Passes += later.Passes - earlier.Passes;
        VerifiedRows += later.VerifiedRows - earlier.VerifiedRows;
        DraftSteps += later.DraftSteps - earlier.DraftSteps;
        DraftedRows += later.DraftedRows - earlier.DraftedRows;
        Ahead += later.Ahead - earlier.Ahead;
    }
}
