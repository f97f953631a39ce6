namespace SubSpec.Server.Http.Loading;

/// <summary>How a model stands.</summary>
public enum ModelState
{
    /// <summary>Being loaded.</summary>
    Loading,

    Ready,

    /// <summary>Its memory was given back; the next request loads it again.</summary>
    Unloaded,

    /// <summary>It could not be loaded; the next request tries again.</summary>
    Failed,
}

/// <summary>The model of a service, which comes and goes. Safe to call from several threads.</summary>
public interface IModelHost
{
    /// <summary>What results call it.</summary>
    string Name { get; }

    /// <summary>When the service was made.</summary>
    DateTimeOffset Created { get; }

    ModelState State { get; }

    /// <summary>The loaded model, or null. It may be unloaded at any time: to generate, <see cref="AcquireAsync"/> it.</summary>
    IInferenceHost? Current { get; }

    /// <summary>How far loading is; null while nothing is loaded.</summary>
    LoadProgress? Progress { get; }

    /// <summary>Why loading failed; null where it did not.</summary>
    Exception? Failure { get; }

    /// <summary>The model for one use, loaded again where it was unloaded. It stays loaded until the lease is disposed of.</summary>
    /// <exception cref="Exception">It is being loaded for the first time, or it could not be loaded.</exception>
    ValueTask<ModelLease> AcquireAsync(CancellationToken cancel);
}
