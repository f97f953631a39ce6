using System.Globalization;
using System.Text.RegularExpressions;

namespace SubSpec.Server.Tests.Metrics;

/// <summary>One line of a scrape.</summary>
internal sealed record Sample(string Name, string Labels, double Value);

/// <summary>One metric of a scrape.</summary>
internal sealed record MetricFamily(string Name, string Type, string Help, List<Sample> Samples);

/// <summary>Reads the Prometheus text format 0.0.4 and refuses what its rules do not allow.</summary>
internal static partial class Exposition
{
    public static Dictionary<string, MetricFamily> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", text, StringComparison.Ordinal);
        var families = new Dictionary<string, MetricFamily>();
        string? help = null;
        MetricFamily? open = null;
        foreach (string line in text[..^1].Split('\n'))
        {
            if (HelpLine().Match(line) is { Success: true } h)
            {
                (help, open) = (h.Groups["name"].Value, null);
                // A second group of the same name would be refused by Prometheus.
                Assert.True(families.TryAdd(help, new MetricFamily(help, "", h.Groups["text"].Value, [])), $"{help} comes twice");
            }
            else if (TypeLine().Match(line) is { Success: true } t)
            {
                Assert.Equal(help, t.Groups["name"].Value);
                families[help!] = open = families[help!] with { Type = t.Groups["type"].Value };
            }
            else
            {
                Match sample = SampleLine().Match(line);
                Assert.True(sample.Success, $"not a sample: {line}");
                Assert.NotNull(open);
                string name = sample.Groups["name"].Value;
                string[] allowed = open.Type == "histogram" ? [open.Name + "_bucket", open.Name + "_sum", open.Name + "_count"] : [open.Name];
                Assert.Contains(name, allowed);
                open.Samples.Add(new Sample(name, sample.Groups["labels"].Value, Number(sample.Groups["value"].Value)));
            }
        }
        Assert.All(families.Values, CheckFamily);
        return families;
    }

    private static void CheckFamily(MetricFamily family)
    {
        Assert.NotEmpty(family.Samples);
        Assert.Equal(family.Samples.Count, family.Samples.DistinctBy(s => (s.Name, s.Labels)).Count());
        if (family.Type == "counter") Assert.EndsWith("_total", family.Name, StringComparison.Ordinal);
        if (family.Type != "histogram") return;
        foreach (var series in family.Samples.GroupBy(s => Bound().Replace(s.Labels, "").TrimEnd(',')))
        {
            Sample[] buckets = [.. series.Where(s => s.Name.EndsWith("_bucket", StringComparison.Ordinal))];
            double[] bounds = [.. buckets.Select(b => Number(Bound().Match(b.Labels).Groups["le"].Value))];
            Assert.Equal(bounds.Order(), bounds);
            Assert.Equal(double.PositiveInfinity, bounds[^1]);
            Assert.Equal(buckets.Select(b => b.Value).Order(), buckets.Select(b => b.Value));
            Assert.Equal(buckets[^1].Value, Assert.Single(series, s => s.Name.EndsWith("_count", StringComparison.Ordinal)).Value);
            Assert.Single(series, s => s.Name.EndsWith("_sum", StringComparison.Ordinal));
        }
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>(?:[^\\\\]|\\\\\\\\|\\\\n)+)$")]
    private static partial Regex HelpLine();

    [GeneratedRegex("^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*")*)\})? (?<value>[^ ]+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""le="(?<le>[^"]+)",?""")]
    private static partial Regex Bound();
}
