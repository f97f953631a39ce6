using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Clients;

/// <summary>Microsoft.Extensions.AI over HTTP, through its adapter of the package <c>OpenAI</c>.</summary>
[Collection(nameof(ServerFixture))]
public class ExtensionsAiOverHttpTests(ServerFixture server) : ChatClientContract(server)
{
    protected override IChatClient Client =>
        new OpenAIClient(new ApiKeyCredential("unused"), new OpenAIClientOptions { Endpoint = new Uri(Server.Address, "/v1") }).GetChatClient("demo").AsIChatClient();

    protected override Type Refusal => typeof(ClientResultException);
}
