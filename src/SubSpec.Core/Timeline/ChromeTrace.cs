using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace SubSpec.Core.Timeline;

/// <summary>
/// Writes a timeline in the trace event format of Chrome, which Perfetto reads too: complete events ("X") with times in
/// microseconds, a thread for each lane, marks as instant events ("i").
/// </summary>
public static class ChromeTrace
{
    private const int Process = 1;

    /// <summary>Bytes that may be pending before they go to the stream.</summary>
    private const int Pending = 1 << 16;

    /// <summary>Writes one JSON object.</summary>
    public static void Write(Stream output, TimelineLog log)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartObject("otherData");
        json.WriteNumber("dropped_events", log.Dropped);
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
        WriteMetadata(json, "process_name", 0, "name", "subspec");
        foreach (TimelineMark mark in log.Marks) WriteMark(json, log, mark);
        var threads = new Threads(json);
        foreach (TimelineEvent happened in log.Events)
        {
            WriteEvent(json, log, happened, threads.For(happened));
            if (json.BytesPending > Pending) json.Flush();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, TimelineLog log, in TimelineEvent happened, int thread)
    {
        decimal start = Microseconds(log, happened.Start);
        json.WriteStartObject();
        json.WriteString("name", Lanes.Name(happened.Stage));
        json.WriteString("cat", Lanes.Name(Lanes.Of(happened.Stage)));
        json.WriteString("ph", "X");
        json.WriteNumber("ts", start);
        // From rounded ends, so that neighbours never overlap by a rounding.
        json.WriteNumber("dur", Microseconds(log, happened.End) - start);
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", thread);
        json.WriteStartObject("args");
        WriteId(json, "pass", happened.Pass.Value, happened.Pass != default);
        WriteId(json, "round", happened.Round.Value, happened.Round != default);
        WriteId(json, "layer", happened.Layer, happened.Layer >= 0);
        json.WriteNumber("rows", happened.Rows);
        WriteSessions(json, happened.Sequences);
        if (happened.Bytes > 0) json.WriteNumber("bytes", happened.Bytes);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMark(Utf8JsonWriter json, TimelineLog log, TimelineMark mark)
    {
        json.WriteStartObject();
        json.WriteString("name", mark.Name);
        json.WriteString("ph", "i");
        json.WriteString("s", "g");
        json.WriteNumber("ts", Microseconds(log, mark.At));
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", 0);
        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, string name, int thread, string key, object value)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", thread);
        json.WriteStartObject("args");
        if (value is int number) json.WriteNumber(key, number);
        else json.WriteString(key, (string)value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteId(Utf8JsonWriter json, string name, long value, bool known)
    {
        if (known) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    /// <summary>One number, or several of rows that went together.</summary>
    private static void WriteSessions(Utf8JsonWriter json, ImmutableArray<SequenceId> sequences)
    {
        if (sequences.Length <= 1)
        {
            WriteId(json, "session", sequences.FirstOrDefault().Value, sequences.Length == 1);
            return;
        }
        json.WriteStartArray("session");
        foreach (SequenceId sequence in sequences) json.WriteNumberValue(sequence.Value);
        json.WriteEndArray();
    }

    private static decimal Microseconds(TimelineLog log, long timestamp) =>
        Math.Round((timestamp - log.Origin) * 1_000_000m / log.TicksPerSecond, 3);

    /// <summary>
    /// A thread for each lane, and more of the same name where several worked at once: the format wants the events of a thread
    /// one after the other.
    /// </summary>
    private sealed class Threads(Utf8JsonWriter json)
    {
        private readonly List<(Lane Lane, int Number, long Free)> _threads = [];

        public int For(in TimelineEvent happened)
        {
            Lane lane = Lanes.Of(happened.Stage);
            int number = 1;
            for (int i = 0; i < _threads.Count; i++)
            {
                if (_threads[i].Lane != lane) continue;
                if (_threads[i].Free <= happened.Start)
                {
                    _threads[i] = _threads[i] with { Free = happened.End };
                    return i + 1;
                }
                number++;
            }
            _threads.Add((lane, number, happened.End));
            string name = number == 1 ? Lanes.Name(lane) : string.Create(CultureInfo.InvariantCulture, $"{Lanes.Name(lane)} {number}");
            WriteMetadata(json, "thread_name", _threads.Count, "name", name);
            WriteMetadata(json, "thread_sort_index", _threads.Count, "sort_index", (int)lane * 1000 + number);
            return _threads.Count;
        }
    }
}
