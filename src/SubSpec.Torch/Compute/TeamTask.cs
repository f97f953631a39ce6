namespace SubSpec.Torch.Compute;

/// <summary>Work that a <see cref="ComputeTeam"/> does together. One instance is reused for every call: no allocation in the hot path.</summary>
public abstract class TeamTask
{
    /// <summary>Does this worker's share. The split over workers must not change any result.</summary>
    /// <param name="worker">0 (the calling thread) to <paramref name="workers"/> - 1.</param>
    public abstract void Run(int worker, int workers);

    /// <summary>The contiguous share [start, end) of <paramref name="count"/> items, in multiples of <paramref name="grain"/>.</summary>
    public static (int Start, int End) Share(int count, int worker, int workers, int grain = 1)
    {
        int grains = (count + grain - 1) / grain;
        int start = (int)((long)grains * worker / workers) * grain;
        int end = (int)((long)grains * (worker + 1) / workers) * grain;
        return (Math.Min(start, count), Math.Min(end, count));
    }
}
