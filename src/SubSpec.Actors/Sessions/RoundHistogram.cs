using System.Collections.Immutable;

namespace SubSpec.Actors.Sessions;

/// <summary>How many rounds accepted how many draft tokens.</summary>
internal sealed class RoundHistogram
{
    private readonly List<int> _rounds = [];

    public int Rounds { get; private set; }

    public ImmutableArray<int> Counts => [.. _rounds];

    public void Add(int accepted)
    {
        while (_rounds.Count <= accepted) _rounds.Add(0);
        _rounds[accepted]++;
        Rounds++;
    }
}
