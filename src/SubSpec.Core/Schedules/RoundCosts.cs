namespace SubSpec.Core.Schedules;

/// <summary>What drafting, verifying and streaming cost here, and what a second is worth, as running estimates. Immutable.</summary>
internal sealed record RoundCosts
{
    // A few rounds outweigh what was before: answers differ in how well they can be drafted.
    private const double Fade = 0.9;

    private double _tokens, _cycles;

    public static RoundCosts Unknown { get; } = new();

    /// <summary>Seconds of a draft step, all layers and the head.</summary>
    public LineFit Draft { get; private init; }

    /// <summary>Compute seconds of a pass.</summary>
    public LineFit Verify { get; private init; }

    /// <summary>Seconds that the link needs for a pass; 0 where nothing is offloaded.</summary>
    public double StreamSeconds { get; private init; }

    /// <summary>Layers that a pass streams.</summary>
    public int Layers { get; private init; }

    /// <summary>Tokens a second of all sequences together, over the last passes; 0 while that is not known.</summary>
    public double TokensPerSecond => _cycles > 0 ? _tokens / _cycles : 0;

    public RoundCosts With(ScheduleEvent.TreesDrafted drafted) => this with { Draft = drafted.Steps.Aggregate(Draft, (fit, step) => fit.Add(step)) };

    /// <param name="verified">A pass.</param>
    /// <param name="decodes">False for a pass of prompts alone: it brings few tokens, whatever is drafted.</param>
    public RoundCosts With(ScheduleEvent.PassVerified verified, bool decodes)
    {
        PassTimes times = verified.Times;
        if (times.Verify.Rows == 0) return this;
        RoundCosts next = this with { Verify = Verify.Add(times.Verify), StreamSeconds = times.StreamSeconds, Layers = times.Layers };
        return decodes ? next with { _tokens = _tokens * Fade + times.Tokens, _cycles = _cycles * Fade + times.CycleSeconds } : next;
    }
}
