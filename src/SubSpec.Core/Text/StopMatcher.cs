namespace SubSpec.Core.Text;

/// <summary>
/// Looks for stop strings in the text of one sequence, token by token. Text that could be the beginning of a stop string is held
/// back until that is settled, so what was emitted never has to be taken back. Each <see cref="Append"/> is one token: when
/// several stop strings are complete after the same token, the one that begins first in the text cuts.
/// </summary>
public sealed class StopMatcher
{
    private readonly string[] _stops;
    private string _held = "";
    private int _tokens;
    private bool _stopped;

    /// <exception cref="BadInputException">A stop string is empty.</exception>
    public StopMatcher(IEnumerable<string> stops)
    {
        _stops = [.. stops];
        if (_stops.Any(string.IsNullOrEmpty)) throw new BadInputException("a stop string is empty: give at least one character, or leave it out");
    }

    /// <summary>Takes the text that the next token made certain (empty for none).</summary>
    /// <exception cref="InvalidOperationException">A stop string was already found.</exception>
    public StopStep Append(string delta)
    {
        if (_stopped) throw new InvalidOperationException("a stop string was already found in this sequence");
        int token = _tokens++;
        string text = _held + delta;

        if (FindFirst(text) is var (at, stop))
        {
            _stopped = true;
            _held = "";
            return new StopStep(text[..at], stop, token);
        }

        int keep = LongestBeginning(text);
        _held = text[^keep..];
        return new StopStep(text[..^keep], null, token);
    }

    /// <summary>Ends the sequence: what was held back is plain text after all.</summary>
    public string Flush()
    {
        string rest = _held;
        _held = "";
        return rest;
    }

    private (int At, string Stop)? FindFirst(string text)
    {
        (int At, string Stop)? first = null;
        foreach (string stop in _stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (first is null || at < first.Value.At)) first = (at, stop);
        }

        return first;
    }

    /// <summary>Length of the longest end of <paramref name="text"/> that is a proper beginning of a stop string.</summary>
    private int LongestBeginning(string text)
    {
        int longest = 0;
        foreach (string stop in _stops)
        {
            int length = Math.Min(stop.Length - 1, text.Length);
            while (length > longest && !text.EndsWith(stop[..length], StringComparison.Ordinal)) length--;
            longest = Math.Max(longest, length);
        }

        return longest;
    }
}
