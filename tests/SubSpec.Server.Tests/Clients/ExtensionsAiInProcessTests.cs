using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SubSpec.Core;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Clients;

/// <summary>Microsoft.Extensions.AI without HTTP: the model of this process.</summary>
[Collection(nameof(ServerFixture))]
public class ExtensionsAiInProcessTests(ServerFixture server, ExtensionsAiInProcessTests.Loaded loaded) : ChatClientContract(server), IClassFixture<ExtensionsAiInProcessTests.Loaded>
{
    protected override IChatClient Client => loaded.Client;

    protected override Type Refusal => typeof(BadInputException);

    [Fact]
    public async Task A_second_turn_computes_only_what_is_new()
    {
        var conversation = new List<ChatMessage> { new(ChatRole.User, "Tell me a story about a dog and a cat who live in a big house by the sea.") };
        conversation.AddMessages(await Client.GetResponseAsync(conversation, new ChatOptions { MaxOutputTokens = 40, Temperature = 0 }));
        conversation.Add(new ChatMessage(ChatRole.User, "Go on."));
        ChatResponse second = await Client.GetResponseAsync(conversation, new ChatOptions { MaxOutputTokens = 4, Temperature = 0 });
        Assert.InRange(second.Usage!.CachedInputTokenCount!.Value, 32, second.Usage.InputTokenCount!.Value - 1);
    }

    [Fact]
    public async Task An_answer_tells_its_seed_and_how_it_was_drafted()
    {
        ChatResponse answer = await Client.GetResponseAsync("Tell me a story.", new ChatOptions { MaxOutputTokens = 30, Seed = 11 });
        Assert.Equal(11L, answer.AdditionalProperties!["seed"]);
        Assert.True((double)answer.AdditionalProperties["tau"]! > 0);
    }

    /// <summary>The library as a program would use it.</summary>
    public sealed class Loaded : IAsyncDisposable
    {
        private readonly ServiceProvider _services;

        public Loaded()
        {
            var services = new ServiceCollection();
            services.AddSubSpec(options => (options.Model, options.CacheFolder) = (DemoEngines.Folder, TestServices.Demo.CacheFolder));
            _services = services.BuildServiceProvider();
        }

        public IChatClient Client => _services.GetRequiredService<IChatClient>();

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
