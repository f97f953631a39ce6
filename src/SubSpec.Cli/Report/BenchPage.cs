using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using SubSpec.Cli.Bench;
using SubSpec.Core.Timeline;

namespace SubSpec.Cli.Report;

/// <summary>
/// A benchmark as one page for a browser that needs nothing else: style, script and data are inside. The data is JSON in which no
/// character can end its element, and the script puts every text into text nodes.
/// </summary>
internal static class BenchPage
{
    public static void Write(Stream output, BenchReport report, TimelineLog log)
    {
        (double seconds, ImmutableArray<PageTimelineObject> cuts) = PageTimeline.Of(report, log);
        string written = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        string version = typeof(BenchPage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var data = new PageObject(written, version.Split('+')[0], BenchJson.Of(report), seconds, cuts);

        // In one walk over the template: what is put in is never searched for places.
        string[] parts = Resource("page.html").Split("{{", StringSplitOptions.None);
        using var writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        writer.Write(parts[0]);
        foreach (string part in parts.Skip(1))
        {
            int end = part.IndexOf("}}", StringComparison.Ordinal);
            writer.Write(part[..end] switch
            {
                "title" => WebUtility.HtmlEncode($"{report.Host.Model}: SubSpec benchmark"),
                "data" => JsonSerializer.Serialize(data, PageJson.Default.PageObject),
                string resource => Resource(resource),
            });
            writer.Write(part[(end + 2)..]);
        }
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(BenchPage).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"the program lacks its part {name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
