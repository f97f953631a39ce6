using SubSpec.Actors.Engines;

namespace SubSpec.Server.Metrics;

/// <summary>What service and engine said of themselves at one moment.</summary>
/// <param name="Model">The served model's name.</param>
/// <param name="Info">Null while no model is loaded.</param>
/// <param name="Load">Null while no model is loaded.</param>
/// <param name="FastTierBytes">Most bytes of the fast tier that were in use at once; 0 while no model is loaded.</param>
internal sealed record EngineReading(string Model, HostInfo? Info, EngineLoad? Load, long FastTierBytes);
