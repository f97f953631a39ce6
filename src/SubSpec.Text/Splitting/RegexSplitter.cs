using System.Diagnostics;
using System.Text.RegularExpressions;
using SubSpec.Core;

namespace SubSpec.Text.Splitting;

/// <summary>Cuts text at the matches of a pattern; what lies between them is a piece.</summary>
/// <param name="pattern">The pattern, made by <see cref="Compile"/>.</param>
/// <param name="behavior">What becomes of the matches.</param>
/// <param name="invert">What lies between matches takes the part of the matches, and the other way round.</param>
internal sealed class RegexSplitter(Regex pattern, SplitBehavior behavior = SplitBehavior.Isolated, bool invert = false) : IPieceSplitter
{
    // The pattern is the model folder's and looks ahead, so it has to backtrack; on real ones megabytes take a second.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    /// <exception cref="ArgumentException">It is no pattern of .NET.</exception>
    public static Regex Compile(string pattern, TimeSpan? timeLimit = null) => new(pattern, RegexOptions.CultureInvariant, timeLimit ?? TimeLimit);

    /// <exception cref="BadInputException">The pattern takes too long for this text.</exception>
    public IEnumerable<string> Split(string text, bool first)
    {
        var shadow = CodePointShadow.Of(text);
        return Arrange(Cut(shadow.Text)).Select(piece => shadow.Original(piece.Start, piece.End));
    }

    /// <summary>Matches and what lies between them, in order.</summary>
    private IEnumerable<Span> Cut(string text)
    {
        int gap = 0;
        var matching = new Stopwatch();
        for (Match match = Next(matching, () => pattern.Match(text)); match.Success; match = Next(matching, match.NextMatch))
        {
            if (match.Length == 0) continue;
            if (match.Index > gap) yield return new Span(gap, match.Index, invert);
            gap = match.Index + match.Length;
            yield return new Span(match.Index, gap, !invert);
        }

        if (gap < text.Length) yield return new Span(gap, text.Length, invert);
    }

    private Match Next(Stopwatch matching, Func<Match> match)
    {
        matching.Start();
        try
        {
            Match found = match();
            matching.Stop();
            // A pattern that stays below the limit each time can still take for ever.
            return matching.Elapsed < pattern.MatchTimeout ? found : throw TooSlow();
        }
        catch (RegexMatchTimeoutException)
        {
            throw TooSlow();
        }
    }

    private IEnumerable<Span> Arrange(IEnumerable<Span> spans) => behavior switch
    {
        SplitBehavior.Removed => spans.Where(s => !s.IsMatch),
        SplitBehavior.Contiguous => Join(spans, (last, next) => last.IsMatch == next.IsMatch),
        SplitBehavior.MergedWithPrevious => Join(spans, (last, next) => next.IsMatch && !last.IsMatch),
        SplitBehavior.MergedWithNext => Join(spans, (last, next) => last.IsMatch && !next.IsMatch),
        _ => spans,
    };

    /// <summary>Joins neighbours; <paramref name="joins"/> is asked about the spans as they were cut.</summary>
    private static IEnumerable<Span> Join(IEnumerable<Span> spans, Func<Span, Span, bool> joins)
    {
        Span? open = null, last = null;
        foreach (Span span in spans)
        {
            if (open is { } joined && joins(last!.Value, span))
            {
                open = joined with { End = span.End };
            }
            else
            {
                if (open is { } done) yield return done;
                open = span;
            }

            last = span;
        }

        if (open is { } rest) yield return rest;
    }

    private BadInputException TooSlow() => new($"the tokenizer's pattern {pattern} takes more than {pattern.MatchTimeout.TotalSeconds} s on this text: shorten the prompt, or check the model's tokenizer.json");

    private readonly record struct Span(int Start, int End, bool IsMatch);
}
