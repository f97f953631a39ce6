using SubSpec.Core;
using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Http.Loading;

/// <summary>
/// Loads the model, lends it, and gives its memory back after a while without use. At rest it has one timer and no thread.
/// <code>
/// (unloaded) --Start | AcquireAsync--> (loading) --loaded--> (ready) --idle--> (unloaded)
///                                          \--error--> (failed) --AcquireAsync--> (loading)
/// </code>
/// </summary>
internal sealed partial class ModelHost : IModelHost, IAsyncDisposable, IDisposable
{
    private const int RetrySeconds = 5;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ModelLoader _load;
    private readonly TimeSpan _idle;
    private readonly ILogger<ModelHost> _log;
    private readonly ITimer _timer;
    private Task<IInferenceHost>? _host;
    private Task _unloading = Task.CompletedTask;
    private LoadProgress? _progress;
    private Exception? _failure;
    private int _leases;
    private bool _wasReady;

    /// <param name="idle">Time without use after which the model is unloaded; null for never.</param>
    public ModelHost(string name, ModelLoader load, TimeSpan? idle, TimeProvider time, ILogger<ModelHost> log)
    {
        (Name, Created, _load, _idle, _log) = (name, time.GetUtcNow(), load, idle ?? Timeout.InfiniteTimeSpan, log);
        _timer = time.CreateTimer(_ => Unload(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Name { get; }

    public DateTimeOffset Created { get; }

    public ModelState State
    {
        get
        {
            lock (_lock)
            {
                if (_host is null) return _failure is null ? ModelState.Unloaded : ModelState.Failed;
                return _host.IsCompletedSuccessfully ? ModelState.Ready : ModelState.Loading;
            }
        }
    }

    public IInferenceHost? Current
    {
        get
        {
            lock (_lock) return _host is { IsCompletedSuccessfully: true } ? _host.Result : null;
        }
    }

    public LoadProgress? Progress
    {
        get
        {
            lock (_lock) return _progress;
        }
    }

    public Exception? Failure
    {
        get
        {
            lock (_lock) return _failure;
        }
    }

    /// <summary>Begins to load; the task ends when the model is there.</summary>
    /// <exception cref="ApiException">The service is stopping; the task, too, ends in this where it stops meanwhile.</exception>
    public Task<IInferenceHost> StartAsync()
    {
        lock (_lock) return _stopping.IsCancellationRequested ? throw Stopping() : _host ??= Task.Run(LoadAsync);
    }

    public async ValueTask<ModelLease> AcquireAsync(CancellationToken cancel)
    {
        Task<IInferenceHost> host;
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested) throw Stopping();
            if (!_wasReady && _host is { IsCompletedSuccessfully: false })
                throw ApiException.Unavailable("model_loading", $"{Name} is being loaded: /health says how far it is", RetrySeconds);
            _leases++;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            host = _host ??= Task.Run(LoadAsync, CancellationToken.None);
        }
        try
        {
            return new ModelLease(await host.WaitAsync(cancel), Release);
        }
        catch (Exception e)
        {
            Release();
            if (e is ApiException || (e is OperationCanceledException && cancel.IsCancellationRequested)) throw;
            throw ApiException.Unavailable("model_failed", $"{Name} cannot be loaded: {e.Message}", RetrySeconds);
        }
    }

    /// <summary>Unloads, whatever is going on.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<IInferenceHost>? host;
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested) return;
            _stopping.Cancel();
            host = _host;
        }
        await _timer.DisposeAsync();
        if (host is not null)
        {
            await ((Task)host).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (host.IsCompletedSuccessfully) await host.Result.DisposeAsync();
        }
        await _unloading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>The same, for providers that are disposed of synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task<IInferenceHost> LoadAsync()
    {
        Task unloading;
        lock (_lock) unloading = _unloading;
        // Both at once might not fit.
        await unloading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LogLoading(Name);
        try
        {
            IInferenceHost host = await _load(new Reporter(this), _stopping.Token);
            lock (_lock)
            {
                (_progress, _failure, _wasReady) = (null, null, true);
                if (_leases == 0) _timer.Change(_idle, Timeout.InfiniteTimeSpan);
            }
            LogLoaded(Name, host.Info.Loading.TotalSeconds);
            foreach (string warning in host.Info.Warnings) LogWarning(warning);
            return host;
        }
        catch (Exception e) when (_stopping.IsCancellationRequested)
        {
            LogGivenUp(Name, e.Message);
            throw Stopping();
        }
        catch (Exception e)
        {
            lock (_lock) (_host, _progress, _failure) = (null, null, e);
            // What the user gave and cannot be used is said in one line; of what should not happen everything is told.
            LogFailed(Name, e.Message, e is BadInputException ? null : e);
            throw;
        }
    }

    private static ApiException Stopping() => ApiException.Unavailable("stopping", "the service is stopping");

    private void Release()
    {
        lock (_lock)
        {
            if (--_leases == 0 && !_stopping.IsCancellationRequested) _timer.Change(_idle, Timeout.InfiniteTimeSpan);
        }
    }

    private void Unload()
    {
        lock (_lock)
        {
            // A request may have come between the timer and here.
            if (_leases > 0 || _host is not { IsCompletedSuccessfully: true } || _stopping.IsCancellationRequested) return;
            IInferenceHost host = _host.Result;
            _host = null;
            _unloading = Task.Run(() => UnloadAsync(host));
        }
        LogUnloaded(Name, _idle.TotalMinutes);
    }

    private async Task UnloadAsync(IInferenceHost host)
    {
        try
        {
            await host.DisposeAsync();
        }
        catch (Exception e)
        {
            LogNotUnloaded(Name, e.Message, e);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Model} was not unloaded in order: {Message}")]
    private partial void LogNotUnloaded(string model, string message, Exception e);

    [LoggerMessage(LogLevel.Information, "loading {Model} was given up: {Reason}")]
    private partial void LogGivenUp(string model, string reason);

    [LoggerMessage(LogLevel.Information, "loading {Model}")]
    private partial void LogLoading(string model);

    [LoggerMessage(LogLevel.Information, "{Model} is ready after {Seconds:F1} s")]
    private partial void LogLoaded(string model, double seconds);

    [LoggerMessage(LogLevel.Information, "{Model} was unloaded after {Minutes:F0} minutes without a request")]
    private partial void LogUnloaded(string model, double minutes);

    [LoggerMessage(LogLevel.Warning, "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(LogLevel.Error, "{Model} cannot be loaded: {Reason}")]
    private partial void LogFailed(string model, string reason, Exception? error);

    private sealed class Reporter(ModelHost owner) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value)
        {
            lock (owner._lock) owner._progress = value;
        }
    }
}
