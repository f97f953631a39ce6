namespace SubSpec.Core.Schedules;

/// <summary>What drafting, verifying and streaming cost here, and what a second is worth, as running estimates. Immutable.</summary>
internal sealed record RoundCosts
{
    // A few rounds outweigh what was before: answers differ in how well they can be drafted.
    private const double Fade = 0.9, UsualTokens = 20;

    private double _passes, _tokens, _wrong, _cycles, _sequences, _rounds, _roundSeconds;

    public static RoundCosts Unknown { get; } = new();

    /// <summary>Seconds of a draft step, all layers and the head: it waits for memory.</summary>
    public LineFit Draft { get; private init; } = new(PriorShare: 0.1);

    /// <summary>Compute seconds of a pass: nearly all of it is products of rows.</summary>
    public LineFit Verify { get; private init; } = new(PriorShare: 0.8);

    /// <summary>Seconds that the link needs for a pass; 0 where nothing is offloaded.</summary>
    public double StreamSeconds { get; private init; }

    /// <summary>Layers that a pass streams.</summary>
    public int Layers { get; private init; }

    /// <summary>Of <see cref="StreamSeconds"/>, those that the ring can be ahead of a pass.</summary>
    public double LeadSeconds { get; private init; }

    /// <summary>
    /// Tokens that a sequence would get of an endless chain, the bonus token included. Trees end, so it is tokens over wrong choices, as walks that came to the end of a tree
    /// are censored (the maximum-likelihood estimate for a geometric length); one usual wrong choice counts too.
    /// </summary>
    public double TokensPerRound => Math.Max(1, (_tokens + UsualTokens) / (_wrong + 1));

    /// <summary>Mean draft seconds of a round.</summary>
    public double RoundSeconds => _rounds > 0 ? _roundSeconds / _rounds : 0;

    /// <summary>Tokens a second of all sequences together, over the last passes; 0 while that is not known.</summary>
    public double TokensPerSecond => _cycles > 0 ? _tokens / _cycles : 0;

    /// <summary>Mean number of sequences in those passes.</summary>
    public double Sequences => _passes > 0 ? _sequences / _passes : 0;

    public RoundCosts With(ScheduleEvent.TreesDrafted drafted) => this with
    {
        Draft = drafted.Steps.Where(s => s.Rows > 0).Aggregate(Draft, (fit, step) => fit.Add(step)),
        _rounds = _rounds * Fade + 1,
        _roundSeconds = _roundSeconds * Fade + drafted.Steps.Sum(s => s.Seconds),
    };

    /// <param name="verified">A pass.</param>
    /// <param name="trees">Trees that it verified; 0 if there was anything else too, which says nothing about what drafting brings.</param>
    public RoundCosts With(ScheduleEvent.PassVerified verified, int trees)
    {
        PassTimes times = verified.Times;
        if (times.Verify.Rows == 0) return this;
        RoundCosts next = this with
        {
            Verify = Verify.Add(times.Verify),
            StreamSeconds = times.StreamSeconds,
            Layers = times.Layers,
            LeadSeconds = times.StreamSeconds * Math.Min(1, times.RingSlots / Math.Max(1.0, times.Layers)),
        };
        if (trees == 0) return next;
        return next with
        {
            _passes = _passes * Fade + 1,
            _tokens = _tokens * Fade + times.Tokens,
            _wrong = _wrong * Fade + times.WrongChoices,
            _cycles = _cycles * Fade + times.CycleSeconds,
            _sequences = _sequences * Fade + trees,
        };
    }
}
