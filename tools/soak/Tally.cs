using System.Collections.Concurrent;

namespace SubSpec.Soak;

/// <summary>What became of the requests, by their kind. Safe to call from several threads.</summary>
internal sealed class Tally
{
    private const int MostProblems = 20;

    private readonly SortedDictionary<string, Row> _rows = [];
    private readonly ConcurrentDictionary<string, string> _answers = new();
    private readonly List<string> _problems = [];
    private readonly Lock _lock = new();
    private int _wrong;
    private long _reused;

    /// <summary>Requests that did not end as their kind has to.</summary>
    public int Wrong => _wrong;

    /// <summary>The first of what went wrong.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_lock) return [.. _problems];
        }
    }

    /// <summary>As they are now.</summary>
    public IReadOnlyDictionary<string, Row> Rows
    {
        get
        {
            lock (_lock) return new SortedDictionary<string, Row>(_rows);
        }
    }

    /// <summary>Prompt tokens of second turns that needed no prefill.</summary>
    public long Reused => Interlocked.Read(ref _reused);

    /// <summary>A request that ended as it should.</summary>
    public void Right(string kind, double seconds, int tokens = 0)
    {
        lock (_lock)
        {
            Row row = _rows.GetValueOrDefault(kind, new Row(0, 0, 0, 0));
            _rows[kind] = new Row(row.Requests + 1, row.Tokens + tokens, row.Seconds + seconds, Math.Max(row.Longest, seconds));
        }
    }

    /// <summary>A second turn found so many of its tokens in the KV cache.</summary>
    public void Reuse(int tokens) => Interlocked.Add(ref _reused, tokens);

    public void Problem(string kind, string what)
    {
        lock (_lock)
        {
            _wrong++;
            if (_problems.Count < MostProblems) _problems.Add($"{kind}: {what}");
        }
    }

    /// <summary>The same question has the same answer, whoever else was served and whatever broke meanwhile.</summary>
    public void Compare(string kind, string question, string answer)
    {
        string first = _answers.GetOrAdd(question, answer);
        if (first != answer) Problem(kind, $"another answer to the same question: '{answer}' after '{first}'");
    }

    /// <summary>Seconds in all, and the longest.</summary>
    internal readonly record struct Row(int Requests, long Tokens, double Seconds, double Longest);
}
