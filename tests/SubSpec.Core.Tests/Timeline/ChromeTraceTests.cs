using System.Text.Json;
using SubSpec.Core.Timeline;

namespace SubSpec.Core.Tests.Timeline;

public class ChromeTraceTests
{
    // A clock of 10 MHz: a tick is 0.1 microseconds.
    private const long TicksPerSecond = 10_000_000;

    [Fact]
    public void An_event_has_its_times_in_microseconds_and_says_what_it_was_about()
    {
        var draft = new TimelineEvent(Stage.Draft, 1_000_015, 25) { Round = new RoundId(4), Rows = 3, Sequences = [new SequenceId(7)] };
        var stream = new TimelineEvent(Stage.Stream, 1_000_000, 10_000) { Pass = new PassId(9), Layer = 0, Bytes = 1234 };
        JsonElement[] written = Complete(Write([stream, draft]));

        Assert.Equal("""{"name":"stream","cat":"stream","ph":"X","ts":0,"dur":1000,"pid":1,"tid":1,"args":{"pass":9,"round":null,"layer":0,"rows":0,"session":null,"bytes":1234}}""", Plain(written[0]));
        Assert.Equal("""{"name":"draft","cat":"draft","ph":"X","ts":1.5,"dur":2.5,"pid":1,"tid":2,"args":{"pass":null,"round":4,"layer":null,"rows":3,"session":7}}""", Plain(written[1]));
    }

    [Fact]
    public void Rows_of_several_sessions_name_all_of_them()
    {
        JsonElement written = Assert.Single(Complete(Write([new TimelineEvent(Stage.Verify, 0, 1) { Sequences = [new SequenceId(2), new SequenceId(5)] }])));
        Assert.Equal("[2,5]", written.GetProperty("args").GetProperty("session").GetRawText());
    }

    [Fact]
    public void Every_lane_is_a_thread_with_a_name_in_the_order_of_lanes()
    {
        TimelineEvent[] events = [.. Enum.GetValues<Stage>().Reverse().Select((stage, i) => new TimelineEvent(stage, 100 * i, 10))];
        JsonElement trace = Write(events);

        Dictionary<int, string> names = Threads(trace, "thread_name").ToDictionary(t => t.Thread, t => t.Value.GetString()!);
        Assert.Equal(["stream", "verify", "draft", "accept", "commit", "tokenizer"], Threads(trace, "thread_sort_index").OrderBy(t => t.Value.GetInt32()).Select(t => names[t.Thread]));
        Assert.All(Complete(trace), e => Assert.Equal(e.GetProperty("cat").GetString(), names[e.GetProperty("tid").GetInt32()]));
    }

    [Fact]
    public void Events_of_a_lane_that_overlap_get_threads_of_their_own()
    {
        JsonElement trace = Write([new(Stage.Encode, 0, 10), new(Stage.Encode, 5, 10), new(Stage.Detokenize, 10, 1), new(Stage.Encode, 10, 9), new(Stage.Detokenize, 15, 2)]);

        Assert.Equal(["tokenizer", "tokenizer 2", "tokenizer 3"], Threads(trace, "thread_name").Select(t => t.Value.GetString()));
        Assert.Equal([1, 2, 1, 3, 1], Complete(trace).Select(e => e.GetProperty("tid").GetInt32()));
    }

    [Fact]
    public void Marks_are_instants_and_what_was_dropped_is_said()
    {
        JsonElement trace = Write([new(Stage.Draft, 250, 10)], marks: [new TimelineMark(200, "a \"case\"</script>")], dropped: 12);

        JsonElement mark = Assert.Single(Events(trace), e => e.GetProperty("ph").GetString() == "i");
        Assert.Equal(("a \"case\"</script>", 0.0), (mark.GetProperty("name").GetString(), mark.GetProperty("ts").GetDouble()));
        Assert.Equal(5.0, Complete(trace)[0].GetProperty("ts").GetDouble());
        Assert.Equal(12, trace.GetProperty("otherData").GetProperty("dropped_events").GetInt64());
    }

    [Fact]
    public void Nothing_is_a_trace_too() => Assert.Empty(Complete(Write([])));

    [Fact]
    public void Neighbours_never_overlap_by_a_rounding()
    {
        // Thirds of a microsecond: rounded on their own, a start and a length would add up to more than the next start.
        TimelineEvent[] events = [.. Enumerable.Range(0, 50).Select(i => new TimelineEvent(Stage.Verify, 2 * i, 2))];
        JsonElement trace = Write(events, ticksPerSecond: 3_000_000);

        decimal free = 0;
        foreach (JsonElement e in Complete(trace))
        {
            Assert.True(e.GetProperty("ts").GetDecimal() >= free);
            free = e.GetProperty("ts").GetDecimal() + e.GetProperty("dur").GetDecimal();
        }
    }

    private static JsonElement Write(TimelineEvent[] events, TimelineMark[]? marks = null, long dropped = 0, long ticksPerSecond = TicksPerSecond)
    {
        using var stream = new MemoryStream();
        ChromeTrace.Write(stream, new TimelineLog([.. events], [.. marks ?? []], dropped, ticksPerSecond));
        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }

    private static IEnumerable<JsonElement> Events(JsonElement trace) => trace.GetProperty("traceEvents").EnumerateArray();

    private static JsonElement[] Complete(JsonElement trace) => [.. Events(trace).Where(e => e.GetProperty("ph").GetString() == "X")];

    private static IEnumerable<(int Thread, JsonElement Value)> Threads(JsonElement trace, string name) => Events(trace)
        .Where(e => e.GetProperty("name").GetString() == name)
        .Select(e => (e.GetProperty("tid").GetInt32(), e.GetProperty("args").EnumerateObject().First().Value));

    // Zeros behind the point are no difference.
    private static string Plain(JsonElement e) => System.Text.RegularExpressions.Regex.Replace(e.GetRawText(), @"(\.\d*?)0+(?=[,}])", m => m.Groups[1].Value.TrimEnd('.'));
}
