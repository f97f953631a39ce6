using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SubSpec.Server;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.InProcess;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>SubSpec as a library.</summary>
public static class SubSpecServiceCollectionExtensions
{
    /// <summary>
    /// Adds a model that runs in this process as the <see cref="IChatClient"/>. It is loaded by the first request and unloaded with the
    /// provider. What is returned takes middleware, such as <c>UseFunctionInvocation()</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public static ChatClientBuilder AddSubSpec(this IServiceCollection services, Action<SubSpecOptions> configure)
    {
        if (services.Any(s => s.ServiceType == typeof(Serving))) throw new InvalidOperationException("AddSubSpec was called before: a service provider has one model");
        services.AddLogging().AddOptions<SubSpecOptions>().Configure(configure);
        services.TryAddSingleton<IInferenceHostFactory, InferenceHostFactory>();
        services.AddServing(s => s.GetRequiredService<IOptions<SubSpecOptions>>().Value.ToServing(s.GetRequiredService<IInferenceHostFactory>()));
        services.AddSingleton<SubSpecChatClient>();
        return services.AddChatClient(s => s.GetRequiredService<SubSpecChatClient>());
    }
}
