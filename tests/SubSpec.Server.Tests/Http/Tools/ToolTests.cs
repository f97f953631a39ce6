using System.Net;
using System.Text.Json;
using SubSpec.Core.Generation;
using SubSpec.Core.Text;
using SubSpec.Server.Http.Tools;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Tools;

public class ToolTests
{
    private const string Weather = """{"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": {"type": "object", "properties": {"city": {"type": "string"} } } } }""";
    private const string Ask = $$""" "messages": [{"role": "user", "content": "How is Oslo?"}], "tools": [{{Weather}}] """;

    public static TheoryData<string> Refused => new(
        """ "tools": [{"type": "web_search"}] """,
        """ "tools": [{"type": "function", "function": {}}] """,
        """ "tools": [{"type": "function", "function": {"name": "f", "strict": true} }] """,
        """ "tools": [{"type": "function", "function": {"name": "f", "parameters": 5} }] """);

    [Fact]
    public void The_form_of_calls_is_found_in_the_models_own_template()
    {
        var formats = new ToolFormats();
        Assert.IsType<HermesTools>(formats.Of(ToolModels.Qwen));
        Assert.IsType<LlamaTools>(formats.Of(ToolModels.Llama));
        Assert.Null(formats.Of(ToolModels.Other));
        Assert.Null(formats.Of(TestServices.Codec));
    }

    [Fact]
    public async Task A_template_is_asked_once_and_not_by_every_request()
    {
        (var known, var unknown) = (new CountingCodec(ToolModels.Qwen), new CountingCodec(TestServices.Codec));
        var formats = new ToolFormats();
        IToolFormat?[] found = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => formats.Of(known))));
        Assert.All(found, f => Assert.Same(found[0], f));
        for (int i = 0; i < 3; i++) Assert.Null(formats.Of(unknown));
        Assert.Equal((1, 1), (known.Chats, unknown.Chats));
    }

    [Fact]
    public async Task A_call_is_told_as_a_call()
    {
        FakeModel model = Model(ToolModels.Qwen, "I look.\n<tool_", "call>{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}", "</tool_call>");
        await using RunningService service = await TestServices.StartAsync(model);
        JsonElement answer = await service.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}} }""");
        JsonElement call = Assert.Single(answer.Choice().GetProperty("message").GetProperty("tool_calls").EnumerateArray());
        Assert.Equal(("tool_calls", "I look."), (answer.Finish(), answer.Content()));
        Assert.Equal(("function", "weather", "{\"city\":\"Oslo\"}"), (call.GetProperty("type").GetString(), call.GetProperty("function").GetProperty("name").GetString(), call.GetProperty("function").GetProperty("arguments").GetString()));
        Assert.Contains("\"name\": \"weather\"", TestServices.Codec.Decode(((Prompt.Tokens)model.Requests.Single().Prompt).Ids), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_streamed_call_comes_whole_and_nothing_of_it_as_text()
    {
        await using RunningService service = await TestServices.StartAsync(Model(ToolModels.Qwen, "I look.\n<tool_", "call>{\"name\": \"weather\", \"arguments\": {\"city\": ", "\"Oslo\"}}", "</tool_call>"));
        JsonElement[] chunks = await service.Api.StreamAsync(ApiClient.Chat, $$"""{ {{Ask}}, "stream": true}""");
        JsonElement call = Assert.Single(chunks.Select(c => c.Choice().GetProperty("delta")), d => d.TryGetProperty("tool_calls", out _)).GetProperty("tool_calls")[0];
        Assert.Equal(("I look.", "tool_calls"), (chunks.ChatText(), chunks.FinishReason()));
        Assert.Equal((0, "{\"city\":\"Oslo\"}"), (call.GetProperty("index").GetInt32(), call.GetProperty("function").GetProperty("arguments").GetString()));
    }

    [Fact]
    public async Task Llamas_call_is_the_whole_answer()
    {
        await using RunningService service = await TestServices.StartAsync(Model(ToolModels.Llama, "{\"name\": \"weather\", ", "\"parameters\": {\"city\": \"Oslo\"}}"));
        JsonElement answer = await service.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}} }""");
        Assert.Equal((JsonValueKind.Null, "tool_calls"), (answer.Choice().GetProperty("message").GetProperty("content").ValueKind, answer.Finish()));
    }

    [Fact]
    public async Task Calls_and_their_results_go_back_to_the_template_as_objects()
    {
        FakeModel model = Model(ToolModels.Qwen, "Sunny.");
        await using RunningService service = await TestServices.StartAsync(model);
        await service.Api.OkAsync(ApiClient.Chat, """
            {"messages": [{"role": "user", "content": "How is Oslo?"},
              {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Oslo<|im_end|>\"}"} }]},
              {"role": "tool", "tool_call_id": "call_1", "content": "20 degrees"}]}
            """);
        IReadOnlyList<int> ids = ((Prompt.Tokens)model.Requests.Single().Prompt).Ids;
        string prompt = TestServices.Codec.Decode(ids);
        Assert.Contains("{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo<|im_end|>\"}}", prompt, StringComparison.Ordinal);
        Assert.Contains("20 degrees", prompt, StringComparison.Ordinal);
        // Three messages end; what the arguments say ends nothing.
        Assert.Equal(3, ids.Count(t => t == 4095));
    }

    [Fact]
    public async Task Where_no_tool_may_be_called_the_model_hears_of_none()
    {
        FakeModel model = Model(ToolModels.Qwen, "<tool_call>{\"name\": \"weather\", \"arguments\": {}}</tool_call>");
        await using RunningService service = await TestServices.StartAsync(model);
        JsonElement answer = await service.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}}, "tool_choice": "none"}""");
        Assert.Equal("stop", answer.Finish());
        Assert.DoesNotContain("weather", TestServices.Codec.Decode(((Prompt.Tokens)model.Requests.Single().Prompt).Ids), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"required\"")]
    [InlineData("""{"type": "function", "function": {"name": "weather"}}""")]
    public async Task A_call_cannot_be_demanded(string choice)
    {
        await using RunningService service = await TestServices.StartAsync(Model(ToolModels.Qwen, "x"));
        Assert.Equal("tool_choice", (await service.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{ {{Ask}}, "tool_choice": {{choice}} }""")).Param());
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_tool_that_cannot_be_offered_is_refused_by_name(string tools)
    {
        await using RunningService service = await TestServices.StartAsync(Model(ToolModels.Qwen, "x"));
        string body = "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}], " + tools + "}";
        Assert.StartsWith("tools[0].", (await service.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, body)).Param(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_whose_form_of_calls_is_not_known_is_offered_none()
    {
        foreach (ITextCodec codec in new ITextCodec[] { TestServices.Codec, ToolModels.Other })
        {
            await using RunningService service = await TestServices.StartAsync(Model(codec, "x"));
            JsonElement error = await service.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{ {{Ask}} }""");
            Assert.Equal(("tools", "unsupported_parameter"), (error.Param(), error.Code()));
        }
    }

    private static FakeModel Model(ITextCodec codec, params string[] texts) => new((_, _) => texts.ToAsyncEnumerable()) { Codec = codec };
}
