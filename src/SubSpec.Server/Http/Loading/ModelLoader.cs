namespace SubSpec.Server.Http.Loading;

/// <summary>Loads a service's model.</summary>
internal delegate Task<IInferenceHost> ModelLoader(IProgress<LoadProgress> progress, CancellationToken cancel);
