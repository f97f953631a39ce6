using System.ClientModel;
using OpenAI;
using OpenAI.Chat;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Clients;

/// <summary>The NuGet package <c>OpenAI</c>, unmodified.</summary>
[Collection(nameof(ServerFixture))]
public class OpenAiPackageTests(ServerFixture server)
{
    private const string Body = """ "messages": [{"role": "user", "content": "Tell me a story."}], "temperature": 0.8, "seed": 5 """;

    private static readonly ChatMessage[] Ask = [new UserChatMessage("Tell me a story.")];

    private ChatClient Chat => Client.GetChatClient("demo");

    private OpenAIClient Client => new(new ApiKeyCredential("unused"), new OpenAIClientOptions { Endpoint = new Uri(server.Address, "/v1") });

    [Fact]
    public async Task The_package_chats_and_reads_usage_and_log_probabilities()
    {
        ChatCompletion answer = await Chat.CompleteChatAsync(Ask, Options(12, o => (o.IncludeLogProbabilities, o.TopLogProbabilityCount) = (true, 3)));
        string expected = (await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Body}}, "max_tokens": 12}""")).Content();
        Assert.Equal((expected, ChatFinishReason.Length, 12), (answer.Content.Single().Text, answer.FinishReason, answer.Usage.OutputTokenCount));
        Assert.Equal(12, answer.ContentTokenLogProbabilities.Count);
        Assert.All(answer.ContentTokenLogProbabilities, l => Assert.Equal(3, l.TopLogProbabilities.Count));
        Assert.Equal(expected, string.Concat(answer.ContentTokenLogProbabilities.Select(l => l.Token)));
    }

    [Fact]
    public async Task The_package_streams_the_same_and_usage_at_the_end()
    {
        string expected = (await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Body}}, "max_tokens": 30}""")).Content();
        var (text, finish, tokens) = ("", default(ChatFinishReason?), 0);
        await foreach (StreamingChatCompletionUpdate update in Chat.CompleteChatStreamingAsync(Ask, Options(30)))
        {
            text += string.Concat(update.ContentUpdate.Select(c => c.Text));
            finish ??= update.FinishReason;
            tokens = update.Usage?.OutputTokenCount ?? tokens;
        }
        Assert.Equal((expected, ChatFinishReason.Length, 30), (text, finish, tokens));
    }

    [Fact]
    public async Task The_packages_stop_sequences_end_the_answer()
    {
        ChatCompletion answer = await Chat.CompleteChatAsync(Ask, Options(200, o => o.StopSequences.Add(".")));
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.DoesNotContain('.', answer.Content.Single().Text);
    }

    [Fact]
    public async Task The_package_lists_the_model()
    {
        var models = await Client.GetOpenAIModelClient().GetModelsAsync();
        Assert.Equal("demo", Assert.Single(models.Value).Id);
    }

    [Fact]
    public async Task The_package_throws_its_typed_error_with_what_is_wrong()
    {
        ClientResultException unknown = await Assert.ThrowsAsync<ClientResultException>(() => Client.GetChatClient("gpt-5").CompleteChatAsync(Ask));
        Assert.Equal(404, unknown.Status);
        Assert.Contains("there is no model 'gpt-5' here: use 'demo'", unknown.Message, StringComparison.Ordinal);
        ClientResultException refused = await Assert.ThrowsAsync<ClientResultException>(
            () => Chat.CompleteChatAsync(Ask, new ChatCompletionOptions { ResponseFormat = ChatResponseFormat.CreateJsonObjectFormat() }));
        Assert.Equal(400, refused.Status);
        Assert.Contains("response_format", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_the_package_cancels_ends_and_frees_everything()
    {
        using var leave = new CancellationTokenSource();
        ChatCompletionOptions endless = Options(null, o =>
        {
            foreach (int end in new[] { 4093, 4094, 4095 }) o.LogitBiases[end] = -100;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (StreamingChatCompletionUpdate _ in Chat.CompleteChatStreamingAsync(Ask, endless, leave.Token)) await leave.CancelAsync();
        });
        await server.RestAsync();
    }

    private static ChatCompletionOptions Options(int? tokens, Action<ChatCompletionOptions>? more = null)
    {
#pragma warning disable OPENAI001 // Seed is for evaluation there
        var options = new ChatCompletionOptions { MaxOutputTokenCount = tokens, Temperature = 0.8f, Seed = 5 };
#pragma warning restore OPENAI001
        more?.Invoke(options);
        return options;
    }
}
