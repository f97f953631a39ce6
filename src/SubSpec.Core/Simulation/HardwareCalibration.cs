namespace SubSpec.Core.Simulation;

/// <summary>What one way to decode has cost on a machine, while decoding.</summary>
/// <param name="Passes">Passes that ended.</param>
/// <param name="VerifiedRows">Rows of these passes.</param>
/// <param name="VerifySeconds">Their compute time.</param>
/// <param name="DraftSteps">Steps of the draft; 0 for plain decoding.</param>
/// <param name="DraftedRows">Rows of these steps.</param>
/// <param name="DraftSeconds">Their compute time.</param>
/// <param name="OtherSeconds">Time in which nothing was computed and no pass waited for a layer.</param>
public sealed record MeasuredCosts(long Passes, long VerifiedRows, double VerifySeconds, long DraftSteps, long DraftedRows, double DraftSeconds, double OtherSeconds);

/// <summary>Fits a machine's compute rates and overheads to what was measured on it. The link is left as it is.</summary>
public static class HardwareCalibration
{
    /// <param name="start">Gives what the measurements do not show: the link, the size of the memory, and rates where rows vary too little.</param>
    /// <param name="measured">Best of very different numbers of rows: plain decoding and trees, one session and several.</param>
    /// <param name="model">The model that was measured.</param>
    /// <exception cref="BadInputException">There is no pass, or no draft step, in the measurements.</exception>
    public static HardwareProfile Fit(HardwareProfile start, IReadOnlyCollection<MeasuredCosts> measured, SimulatedModel model)
    {
        MeasuredCosts[] passes = [.. measured.Where(m => m.Passes > 0)], steps = [.. measured.Where(m => m.DraftSteps > 0 && m.DraftedRows > 0)];
        if (passes.Length == 0 || steps.Length == 0)
            throw new BadInputException("the result to calibrate from has no drafted row with passes: take one of bench --methods autoregressive,subspec --json");
        var costs = new SimulatedCosts(start, model);
        int layers = costs.Layers;
        double allBytes = layers * model.LayerBytes + model.HeadBytes, stepBytes = layers * model.SubstituteBytes + model.HeadBytes;

        (double passSeconds, double rowSeconds) = Line(
            [.. passes.Select(m => ((double)m.VerifiedRows / m.Passes, m.VerifySeconds / m.Passes))], allBytes / start.MatmulFlops);
        double matmul = allBytes / rowSeconds, headRowSeconds = model.HeadBytes / matmul;
        (double stepSeconds, double stepRowSeconds) = Line(
            [.. steps.Select(m => ((double)m.DraftedRows / m.DraftSteps, m.DraftSeconds / m.DraftSteps))], layers * model.LayerBytes / start.SubstituteFlops + headRowSeconds);
        double memory = Math.Max(start.FastMemoryBandwidth, Math.Max(allBytes / passSeconds, stepBytes / stepSeconds));
        return start with
        {
            FastMemoryBandwidth = memory,
            MatmulFlops = matmul,
            // What a row costs beyond the head's share; where that explains all of it, products with substitutes cost next to nothing.
            SubstituteFlops = layers * model.LayerBytes / Math.Max(stepRowSeconds - headRowSeconds, stepRowSeconds / 100),
            VerifyLayerOverheadSeconds = (passSeconds - allBytes / memory) / layers,
            DraftLayerOverheadSeconds = (stepSeconds - stepBytes / memory) / layers,
            PassOverheadSeconds = Math.Max(0, passes.Sum(m => m.OtherSeconds) / passes.Sum(m => m.Passes)),
        };
    }

    /// <summary>The line of least squares through times by rows. Where the points allow none that rises from above zero, it has the slope that was given, and goes through their middle.</summary>
    private static (double Fixed, double PerRow) Line((double Rows, double Seconds)[] points, double usualSlope)
    {
        double rows = points.Average(p => p.Rows), seconds = points.Average(p => p.Seconds);
        double spread = points.Sum(p => (p.Rows - rows) * (p.Rows - rows));
        double slope = spread > 0 ? points.Sum(p => (p.Rows - rows) * (p.Seconds - seconds)) / spread : 0;
        if (slope > 0 && seconds - slope * rows > 0) return (seconds - slope * rows, slope);
        slope = Math.Min(usualSlope, seconds / rows / 2);
        return (seconds - slope * rows, slope);
    }
}
