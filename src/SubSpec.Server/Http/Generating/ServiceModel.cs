using SubSpec.Core.Generation;

namespace SubSpec.Server.Http.Generating;

/// <summary>What is known of the model without loading it.</summary>
/// <param name="Defaults">How its makers want it to be sampled.</param>
internal sealed record ServiceModel(string Name, GenerationDefaults Defaults);
