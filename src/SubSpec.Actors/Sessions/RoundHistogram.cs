using System.Collections.Immutable;

namespace SubSpec.Actors.Sessions;

/// <summary>How many rounds accepted how many draft tokens.</summary>
internal sealed class RoundHistogram
{
    private readonly List<int> _accepted = [];

    public int Rounds => _accepted.Count;

    /// <summary>Draft tokens that each round accepted, in order.</summary>
    public ImmutableArray<int> Accepted => [.. _accepted];

    /// <summary>[k] = rounds that accepted k draft tokens.</summary>
    public ImmutableArray<int> Counts
    {
        get
        {
            int[] counts = new int[_accepted.Count == 0 ? 0 : _accepted.Max() + 1];
            foreach (int accepted in _accepted) counts[accepted]++;
            return [.. counts];
        }
    }

    public void Add(int accepted) => _accepted.Add(accepted);
}
