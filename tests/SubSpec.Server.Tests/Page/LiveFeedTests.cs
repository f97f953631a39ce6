using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SubSpec.Core.Timeline;
using SubSpec.Server.Metrics;
using SubSpec.Server.Page;
using SubSpec.Server.Tests.Http.Support;
using SubSpec.Server.Tests.Metrics;

namespace SubSpec.Server.Tests.Page;

public sealed class LiveFeedTests : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private readonly FakeTimeProvider _time = new();
    private readonly StubModel _model = new();
    private readonly TimelineRing _ring;
    private readonly CancellationTokenSource _cancel = new();
    private readonly IAsyncEnumerator<SseItem<string>> _events;
    private int _ticks;

    public LiveFeedTests()
    {
        _ring = new TimelineRing(_time);
        _model.Load = () => Task.FromResult(Readings.Loaded.Load!);
        var feed = new LiveFeed(_ring, new EngineReader(_model, _time), _model, new ScheduleSwitch(TestServices.Demo), _time);
        _events = feed.EventsAsync(_cancel.Token).GetAsyncEnumerator();
    }

    public async ValueTask DisposeAsync()
    {
        await _events.DisposeAsync();
        _cancel.Dispose();
    }

    [Fact]
    public async Task It_begins_with_a_state_that_tells_how_the_engine_stands()
    {
        (string kind, JsonElement state) = await NextAsync();
        Assert.Equal(("state", "ready", 3, 2), (kind, state.GetProperty("status").GetString(), state.GetProperty("running").GetInt32(), state.GetProperty("waiting").GetInt32()));
        Assert.Equal("""{"slots":100,"used":25,"cached":30}""", state.GetProperty("kv").GetRawText());
        Assert.Equal("""{"budget":2048,"peak":1024}""", state.GetProperty("memory").GetRawText());
        Assert.Equal("""{"passes":12,"rounds":10,"committed":181,"accepted":170,"streamed":9000,"stall_seconds":0.25}""", state.GetProperty("totals").GetRawText());
    }

    [Fact]
    public async Task What_happens_comes_in_batches()
    {
        await NextAsync();
        long now = _ring.Now();
        _ring.Record(new TimelineEvent(Stage.Draft, now, _time.TimestampFrequency / 100) { Rows = 2 });
        _ring.Record(new TimelineEvent(Stage.Stream, now, _time.TimestampFrequency / 50) { Layer = 3, Bytes = 77 });
        (string kind, JsonElement batch) = await NextAsync();
        Assert.Equal("spans", kind);
        Assert.Equal([("draft", 10), ("stream", 20)], batch.GetProperty("spans").EnumerateArray().Select(s => (s.GetProperty("stage").GetString()!, s.GetProperty("ms").GetDouble())));
        Assert.Equal(0, batch.GetProperty("missed").GetInt64());
    }

    [Fact]
    public async Task A_state_that_has_not_changed_is_told_after_twenty_ticks_only_and_then_what_has_changed()
    {
        await NextAsync();
        Assert.Equal("state", (await NextAsync()).Kind);
        Assert.InRange(_ticks, 20, int.MaxValue);

        _model.Load = () => Task.FromResult(Readings.Loaded.Load! with { Running = 4 });
        Assert.Equal(4, (await NextAsync()).Data.GetProperty("running").GetInt32());
    }

    [Fact]
    public async Task A_watcher_that_leaves_turns_the_timeline_off()
    {
        await NextAsync();
        Assert.True(_ring.IsOn);
        await _cancel.CancelAsync();
        Assert.False(await _events.MoveNextAsync());
        Assert.False(_ring.IsOn);
    }

    /// <summary>The next event, letting time pass until it is there.</summary>
    private async Task<(string Kind, JsonElement Data)> NextAsync()
    {
        Task<bool> next = _events.MoveNextAsync().AsTask();
        // What goes on without time gets its turns first.
        for (int turn = 0; !next.IsCompleted; turn++)
        {
            await Task.Yield();
            if (turn % 1000 != 999) continue;
            _time.Advance(Tick);
            _ticks++;
        }
        Assert.True(await next);
        return (_events.Current.EventType, JsonDocument.Parse(_events.Current.Data).RootElement);
    }
}
