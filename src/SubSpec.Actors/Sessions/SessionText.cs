using System.Collections.Immutable;
using System.Text;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Core.Text;

namespace SubSpec.Actors.Sessions;

/// <summary>The output of one session: tokens to text, cut at the first stop string, and how much of it the reader has.</summary>
internal sealed class SessionText(IDetokenizer detokenizer, IEnumerable<string> stops)
{
    private readonly StopMatcher _matcher = new(stops);
    private readonly StringBuilder _text = new();
    private readonly List<int> _tokens = [];
    private readonly List<TokenLogProbs> _logProbs = [];
    private int _sentText;
    private int _sentTokens;

    public ImmutableArray<int> Tokens => [.. _tokens];

    /// <summary>One for each token, or none.</summary>
    public ImmutableArray<TokenLogProbs> LogProbs => [.. _logProbs];

    public string Text => _text.ToString();

    /// <summary>True once a stop string was found; the token that completed it is the last one.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes the next tokens, up to the one that completes a stop string.</summary>
    /// <param name="endOfText">True when the last of them is an end-of-text token, which has no text.</param>
    /// <param name="logProbs">One for each token, or none.</param>
    public void Append(ImmutableArray<int> tokens, ImmutableArray<TokenLogProbs> logProbs, bool endOfText)
    {
        for (int i = 0; i < tokens.Length && !Stopped; i++)
        {
            _tokens.Add(tokens[i]);
            if (!logProbs.IsEmpty) _logProbs.Add(logProbs[i]);
            if (endOfText && i == tokens.Length - 1) return;
            Match(detokenizer.Append(tokens[i]));
        }
    }

    /// <summary>No token comes any more: what was held back is text.</summary>
    public void End()
    {
        if (Stopped) return;
        Match(detokenizer.Flush());
        if (!Stopped) _text.Append(_matcher.Flush());
    }

    /// <summary>What the reader has not got yet, as one delta; null for nothing.</summary>
    public TextDelta? TakeUnsent(SessionId session)
    {
        if (_sentTokens == _tokens.Count && _sentText == _text.Length) return null;
        var delta = new TextDelta(session, _text.ToString(_sentText, _text.Length - _sentText), [.. _tokens[_sentTokens..]]) { LogProbs = [.. _logProbs.Skip(_sentTokens)] };
        (_sentText, _sentTokens) = (_text.Length, _tokens.Count);
        return delta;
    }

    private void Match(string text)
    {
        StopStep step = _matcher.Append(text);
        _text.Append(step.Text);
        Stopped = step.Stopped;
    }
}
