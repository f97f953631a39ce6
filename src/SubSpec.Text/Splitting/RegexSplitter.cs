using System.Text.RegularExpressions;

namespace SubSpec.Text.Splitting;

/// <summary>Cuts text at the matches of a pattern; matches and what lies between them are both pieces.</summary>
/// <param name="pattern">The pattern.</param>
/// <param name="keepMatches">False: matches are left out.</param>
/// <param name="keepGaps">False: what lies between matches is left out.</param>
internal sealed class RegexSplitter(Regex pattern, bool keepMatches = true, bool keepGaps = true) : IPieceSplitter
{
    public const RegexOptions Options = RegexOptions.CultureInvariant;

    public IEnumerable<string> Split(string text)
    {
        var shadow = CodePointShadow.Of(text);
        int gap = 0;
        for (Match match = pattern.Match(shadow.Text); match.Success; match = match.NextMatch())
        {
            if (match.Length == 0) continue;
            if (keepGaps && match.Index > gap) yield return shadow.Original(gap, match.Index);
            gap = match.Index + match.Length;
            if (keepMatches) yield return shadow.Original(match.Index, gap);
        }

        if (keepGaps && gap < shadow.Text.Length) yield return shadow.Original(gap, shadow.Text.Length);
    }
}
