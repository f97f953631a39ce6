using Microsoft.Extensions.Time.Testing;
using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Server.Metrics;

namespace SubSpec.Server.Tests.Metrics;

public class EngineReaderTests
{
    private static readonly TimeSpan Age = TimeSpan.FromMilliseconds(100);
    private readonly FakeTimeProvider _time = new();
    private readonly StubModel _model = new();
    private readonly EngineReader _reader;

    public EngineReaderTests() => _reader = new EngineReader(_model, _time);

    [Fact]
    public async Task Whoever_asks_at_once_shares_one_question()
    {
        var answer = new TaskCompletionSource<EngineLoad>();
        _model.Load = () => answer.Task;
        Task<EngineReading>[] reads = [.. Enumerable.Range(0, 5).Select(_ => _reader.ReadAsync(Age, CancellationToken.None))];
        answer.SetResult(Readings.Loaded.Load!);
        EngineReading[] readings = await Task.WhenAll(reads);
        Assert.All(readings, r => Assert.Equal(Readings.Loaded, r));
        Assert.Equal(1, _model.Asked);
    }

    [Fact]
    public async Task A_fresh_reading_is_used_again_and_an_old_one_is_not()
    {
        _model.Load = () => Task.FromResult(Readings.Loaded.Load!);
        await _reader.ReadAsync(Age, CancellationToken.None);
        await _reader.ReadAsync(Age, CancellationToken.None);
        Assert.Equal(1, _model.Asked);
        _time.Advance(Age);
        await _reader.ReadAsync(Age, CancellationToken.None);
        Assert.Equal(2, _model.Asked);
    }

    [Fact]
    public async Task A_model_that_is_not_loaded_stays_so() =>
        Assert.Equal(Readings.Unloaded, await _reader.ReadAsync(Age, CancellationToken.None));

    [Fact]
    public async Task A_model_that_is_unloaded_meanwhile_is_none()
    {
        _model.Load = () => Task.FromException<EngineLoad>(new EngineFailedException("the service is stopping"));
        Assert.Equal(Readings.Unloaded, await _reader.ReadAsync(Age, CancellationToken.None));
    }

    [Fact]
    public async Task A_reader_that_gives_up_does_not_take_the_answer_from_others()
    {
        var answer = new TaskCompletionSource<EngineLoad>();
        _model.Load = () => answer.Task;
        using var cancel = new CancellationTokenSource();
        Task<EngineReading> impatient = _reader.ReadAsync(Age, cancel.Token), patient = _reader.ReadAsync(Age, CancellationToken.None);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        answer.SetResult(Readings.Loaded.Load!);
        Assert.Equal(Readings.Loaded, await patient);
    }
}
