using System.Collections.Immutable;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SubSpec.Core.Timeline;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Metrics;

namespace SubSpec.Server.Page;

/// <summary>
/// What a page that is open gets to see: the service's state a few times a second and the timeline in batches. Nothing is queued
/// for a watcher: one that reads slowly gets fewer states, and of the timeline what is still in the ring.
/// </summary>
internal sealed class LiveFeed(TimelineRing ring, EngineReader engine, IModelHost model, ScheduleSwitch schedules, TimeProvider time)
{
    /// <summary>Pages that may watch at once.</summary>
    public const int MaxWatchers = 16;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private const int TicksPerState = 3;

    private const int TicksPerIdleState = 20;

    private int _watchers;

    /// <summary>A place to watch from, until it is disposed of; null when all are taken.</summary>
    public IDisposable? TryEnter()
    {
        if (Interlocked.Increment(ref _watchers) <= MaxWatchers) return new Place(this);
        Interlocked.Decrement(ref _watchers);
        return null;
    }

    /// <summary><c>state</c> and <c>spans</c> events until cancelled.</summary>
    public async IAsyncEnumerable<SseItem<string>> EventsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        using TimelineRing.Watcher watcher = ring.Watch();
        using var timer = new PeriodicTimer(Tick, time);
        LiveState? shown = null;
        int ticks = 0;
        do
        {
            (ImmutableArray<TimelineEvent> events, long missed) = watcher.Take();
            if (!events.IsEmpty) yield return Spans(events, missed);
            if (shown is not null && ++ticks % TicksPerState != 0) continue;
            LiveState state = await StateAsync(cancel).ConfigureAwait(false);
            // A page that watches a service at rest hears little.
            if (shown is not null && ticks < TicksPerIdleState && state with { Now = shown.Now } == shown) continue;
            yield return new SseItem<string>(JsonSerializer.Serialize(state, LiveJson.Default.LiveState), "state");
            (shown, ticks) = (state, 0);
        }
        while (await NextAsync(timer, cancel).ConfigureAwait(false));
    }

    private async Task<LiveState> StateAsync(CancellationToken cancel)
    {
        // Pages share a reading.
        EngineReading reading = await engine.ReadAsync(Tick, cancel).ConfigureAwait(false);
        return LiveState.Of(reading, model, schedules, Now);
    }

    private SseItem<string> Spans(ImmutableArray<TimelineEvent> events, long missed)
    {
        var batch = new LiveSpans(Now, missed, SpanJoiner.Join(events, ring.TicksPerSecond));
        return new SseItem<string>(JsonSerializer.Serialize(batch, LiveJson.Default.LiveSpans), "spans");
    }

    private double Now => SpanJoiner.Milliseconds(time.GetTimestamp(), time.TimestampFrequency);

    private static async ValueTask<bool> NextAsync(PeriodicTimer timer, CancellationToken cancel)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private sealed class Place(LiveFeed feed) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) Interlocked.Decrement(ref feed._watchers);
        }
    }
}
