using Microsoft.Extensions.AI;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Clients;

/// <summary>What any <see cref="IChatClient"/> of the model must do, however it reaches it.</summary>
public abstract class ChatClientContract(ServerFixture server)
{
    private const string Body = """ "messages": [{"role": "system", "content": "You tell stories."}, {"role": "user", "content": "Tell me one."}], "temperature": 0.8, "seed": 5 """;

    private static readonly ChatMessage[] Ask = [new(ChatRole.System, "You tell stories."), new(ChatRole.User, "Tell me one.")];

    protected ServerFixture Server => server;

    protected abstract IChatClient Client { get; }

    /// <summary>What a refused request throws.</summary>
    protected abstract Type Refusal { get; }

    [Fact]
    public async Task An_answer_is_the_services_own_with_usage_and_the_reason_of_its_end()
    {
        string expected = (await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Body}}, "max_tokens": 24}""")).Content();
        ChatResponse answer = await Client.GetResponseAsync(Ask, Options(24));
        Assert.Equal((expected, ChatFinishReason.Length, "demo"), (answer.Text, answer.FinishReason, answer.ModelId));
        Assert.Equal((24, answer.Usage!.InputTokenCount + 24), (answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount));
    }

    [Fact]
    public async Task A_stream_says_the_same_piece_by_piece()
    {
        string expected = (await Client.GetResponseAsync(Ask, Options(40))).Text;
        List<ChatResponseUpdate> updates = await Client.GetStreamingResponseAsync(Ask, Options(40)).ToListAsync();
        Assert.Equal(expected, string.Concat(updates.Select(u => u.Text)));
        Assert.True(updates.Count(u => u.Text.Length > 0) > 1);
        ChatResponse whole = updates.ToChatResponse();
        Assert.Equal((ChatFinishReason.Length, 40), (whole.FinishReason, whole.Usage?.OutputTokenCount));
        Assert.Equal(ChatRole.Assistant, Assert.Single(whole.Messages).Role);
    }

    [Fact]
    public async Task Stop_sequences_end_an_answer()
    {
        ChatOptions options = Options(200);
        options.StopSequences = ["."];
        ChatResponse answer = await Client.GetResponseAsync(Ask, options);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.DoesNotContain('.', answer.Text);
    }

    [Fact]
    public async Task A_stream_that_is_cancelled_ends()
    {
        using var leave = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in Client.GetStreamingResponseAsync(Ask, Options(1500), leave.Token)) await leave.CancelAsync();
        });
        Assert.Equal(4, (await Client.GetResponseAsync(Ask, Options(4))).Usage?.OutputTokenCount);
    }

    [Fact]
    public async Task What_cannot_be_promised_is_refused()
    {
        ChatOptions options = Options(4);
        options.ResponseFormat = ChatResponseFormat.Json;
        Exception refusal = await Assert.ThrowsAnyAsync<Exception>(() => Client.GetResponseAsync(Ask, options));
        Assert.IsType(Refusal, refusal);
        Assert.Contains("response_format", refusal.Message, StringComparison.Ordinal);
    }

    private static ChatOptions Options(int tokens) => new() { MaxOutputTokens = tokens, Temperature = 0.8f, Seed = 5 };
}
