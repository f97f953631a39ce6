using SubSpec.Torch.Compute;

namespace SubSpec.Torch.Ops;

/// <summary>An operation whose rows do not know of each other: split over the team where that pays, and done by the caller where it does not.</summary>
internal abstract class RowWise : TeamTask
{
    private const long ElementsWorthSharing = 16 * 1024;

    private int _rows;

    public sealed override void Run(int worker, int workers)
    {
        (int start, int end) = Share(_rows, worker, workers);
        if (start < end) RunRows(start, end);
    }

    /// <summary>Does rows [<paramref name="start"/>, <paramref name="end"/>) of the current call.</summary>
    protected abstract void RunRows(int start, int end);

    protected void Start(ComputeTeam team, int rows, int columns)
    {
        _rows = rows;
        if ((long)rows * columns < ElementsWorthSharing) Run(0, 1);
        else team.Run(this);
    }
}
