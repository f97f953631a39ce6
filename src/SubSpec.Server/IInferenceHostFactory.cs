using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Planning;

namespace SubSpec.Server;

/// <summary>Makes hosts, and answers questions about models and machine that need none.</summary>
public interface IInferenceHostFactory
{
    /// <summary>Loads a model. Cancelling stops the loading at once, building of substitutes included.</summary>
    /// <exception cref="BadInputException">Model, budget or device cannot be used.</exception>
    Task<IInferenceHost> StartAsync(HostOptions options, IProgress<LoadProgress>? progress, CancellationToken cancel);

    /// <summary>What <see cref="StartAsync"/> would put where. Nothing is loaded.</summary>
    /// <param name="cost">The rates to decide by; null for those of a usual machine, which <see cref="StartAsync"/> decides by.</param>
    /// <exception cref="BadInputException">The model cannot be read, or the budget cannot hold it.</exception>
    PlanReport Plan(HostOptions options, CostModel? cost = null);

    /// <param name="path">A model folder, or a <c>config.json</c> alone.</param>
    ModelDescription Inspect(string path);

    /// <summary>How the makers of a model want it to be sampled.</summary>
    /// <exception cref="BadInputException">Its <c>generation_config.json</c> cannot be used.</exception>
    GenerationDefaults GenerationDefaults(string modelPath);

    /// <param name="options">A model to probe as well, or null for the machine alone.</param>
    /// <param name="device">Where the model would compute: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. A GPU that cannot be used is bad only where it is named.</param>
    DoctorReport Doctor(HostOptions? options, string device, CancellationToken cancel);
}
