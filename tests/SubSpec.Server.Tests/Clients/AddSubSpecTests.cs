using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SubSpec.Actors.Client;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Server.InProcess;
using SubSpec.Server.Tests.Http.Support;
using SubSpec.Server.Tests.Http.Tools;

namespace SubSpec.Server.Tests.Clients;

/// <summary>The library's chat client over a fake model: what becomes of options, messages and errors.</summary>
public class AddSubSpecTests
{
    public static TheoryData<string, ChatOptions> Refused => new()
    {
        { "ConversationId", new ChatOptions { ConversationId = "c" } },
        { "RawRepresentationFactory", new ChatOptions { RawRepresentationFactory = _ => new object() } },
        { "response_format", new ChatOptions { ResponseFormat = ChatResponseFormat.Json } },
        { "reasoning_effort", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High } } },
        { "tool_choice", new ChatOptions { ToolMode = ChatToolMode.RequireAny } },
        { "parallel_tool_calls", new ChatOptions { Tools = [Weather(_ => "")], AllowMultipleToolCalls = false } },
        { "functions are supported only", new ChatOptions { Tools = [new HostedWebSearchTool()] } },
        { "'tools' are not supported with", new ChatOptions { Tools = [Weather(_ => "")] } },
        { "there is no model 'gpt-5' here", new ChatOptions { ModelId = "gpt-5" } },
        { "temperature", new ChatOptions { Temperature = -1 } },
        { "max_completion_tokens", new ChatOptions { MaxOutputTokens = 0 } },
        { "unknown parameter 'typical_p'", With("typical_p", 0.5) },
        { "'n' in AdditionalProperties", With("n", 2) },
        { "'seed' in AdditionalProperties", With("seed", 2, new ChatOptions { Seed = 1 }) },
    };

    [Fact]
    public async Task Every_option_reaches_the_engine()
    {
        FakeModel model = FakeModel.Saying("Hello");
        await using ServiceProvider services = Services(model);
        ChatOptions options = With("min_p", 0.05, With("repetition_penalty", 1.1, With("logit_bias", new Dictionary<string, int> { ["7"] = -5 }, new ChatOptions
        {
            Instructions = "Be brief.",
            Temperature = 0.7f,
            TopP = 0.9f,
            TopK = 40,
            MaxOutputTokens = 9,
            Seed = 21,
            StopSequences = ["x", "y"],
            PresencePenalty = 0.5f,
            FrequencyPenalty = -0.5f,
            ModelId = "demo",
            ToolMode = ChatToolMode.Auto,
            ResponseFormat = ChatResponseFormat.Text,
        })));
        await Client(services).GetResponseAsync("Hi", options);
        GenerationRequest request = Assert.Single(model.Requests);
        Assert.Equal((0.7, 0.9, 40, 0.05), (request.Sampling.Temperature, request.Sampling.TopP, request.Sampling.TopK, request.Sampling.MinP));
        Assert.Equal((1.1, 0.5, -0.5, 21ul), (request.Sampling.RepetitionPenalty, request.Sampling.PresencePenalty, request.Sampling.FrequencyPenalty, request.Sampling.Seed));
        Assert.Equal(-5f, request.Sampling.LogitBias[7]);
        Assert.Equal(9, request.MaxTokens);
        Assert.Equal(["x", "y"], request.Stop.AsEnumerable());
        string prompt = TestServices.Codec.Decode(((Prompt.Tokens)request.Prompt).Ids);
        Assert.True(prompt.IndexOf("Be brief.", StringComparison.Ordinal) < prompt.IndexOf("Hi", StringComparison.Ordinal), prompt);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_be_honoured_is_refused_by_name(string named, ChatOptions options)
    {
        FakeModel model = FakeModel.Saying("Hello");
        await using ServiceProvider services = Services(model);
        BadInputException refusal = await Assert.ThrowsAsync<BadInputException>(() => Client(services).GetResponseAsync("Hi", options));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(model.Requests);
        Assert.Equal("Hello", (await Client(services).GetResponseAsync("Hi")).Text);
    }

    [Fact]
    public async Task A_picture_is_refused()
    {
        await using ServiceProvider services = Services(FakeModel.Saying("Hello"));
        var message = new ChatMessage(ChatRole.User, [new TextContent("What is this?"), new DataContent(new byte[] { 1 }, "image/png")]);
        BadInputException refusal = await Assert.ThrowsAsync<BadInputException>(() => Client(services).GetResponseAsync([message]));
        Assert.Contains("DataContent", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_is_called_and_its_result_goes_back_to_the_model()
    {
        var model = new FakeModel((request, _) => (Decode(request).Contains("rainy", StringComparison.Ordinal)
            ? new[] { "Take an umbrella." }
            : ["I look.\n<tool_", "call>{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}", "</tool_call>"]).ToAsyncEnumerable())
        { Codec = ToolModels.Qwen };
        var asked = new List<string>();
        var services = new ServiceCollection();
        services.AddSingleton<IInferenceHostFactory>(model);
        services.AddSubSpec(Demo).UseFunctionInvocation();
        await using ServiceProvider provider = services.BuildServiceProvider();

        AIFunction weather = Weather(city =>
        {
            asked.Add(city);
            return "rainy";
        });
        ChatResponse answer = await Client(provider).GetResponseAsync("How is Oslo?", new ChatOptions { Tools = [weather] });
        Assert.Equal(["Oslo"], asked);
        Assert.EndsWith("Take an umbrella.", answer.Text, StringComparison.Ordinal);
        Assert.Equal(2, model.Requests.Count);
        Assert.Contains("<tool_call>", Decode(model.Requests[1]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_come_first_wait_for_the_model_and_share_it()
    {
        var load = new TaskCompletionSource();
        var model = new FakeModel((_, _) => new[] { "Hello" }.ToAsyncEnumerable()) { OnLoad = (_, _) => load.Task };
        await using ServiceProvider services = Services(model);
        Task<ChatResponse>[] answers = [.. Enumerable.Range(0, 3).Select(_ => Client(services).GetResponseAsync("Hi"))];
        load.SetResult();
        Assert.All(await Task.WhenAll(answers), a => Assert.Equal("Hello", a.Text));
        Assert.Equal(1, model.Loads);
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_is_an_error_and_tried_again()
    {
        bool broken = true;
        var model = new FakeModel((_, _) => new[] { "Hello" }.ToAsyncEnumerable()) { OnLoad = (_, _) => broken ? throw new BadInputException("no memory") : Task.CompletedTask };
        await using ServiceProvider services = Services(model);
        Assert.Equal("no memory", (await Assert.ThrowsAsync<BadInputException>(() => Client(services).GetResponseAsync("Hi"))).Message);
        broken = false;
        Assert.Equal("Hello", (await Client(services).GetResponseAsync("Hi")).Text);
    }

    [Fact]
    public async Task More_than_may_wait_is_rejected()
    {
        var end = new TaskCompletionSource();
        var model = new FakeModel((_, _) => Waiting(end.Task));
        await using ServiceProvider services = Services(model, o => (o.Sessions, o.Queue) = (1, 0));
        Task<ChatResponse> first = Client(services).GetResponseAsync("Hi");
        await Assert.ThrowsAsync<RequestRejectedException>(() => Client(services).GetResponseAsync("Hi"));
        end.SetResult();
        Assert.Equal("Hello", (await first).Text);
        Assert.Equal("Hello", (await Client(services).GetResponseAsync("Hi")).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_model_ends_with_its_provider(bool synchronously)
    {
        FakeModel model = FakeModel.Saying("Hello");
        ServiceProvider services = Services(model);
        await Client(services).GetResponseAsync("Hi");
        if (synchronously) services.Dispose();
        else await services.DisposeAsync();
        Assert.Equal(1, model.Unloads);
    }

    [Fact]
    public async Task A_client_whose_provider_is_gone_says_that_the_service_is_stopping()
    {
        ServiceProvider services = Services(FakeModel.Saying("Hello"));
        IChatClient client = Client(services);
        await client.GetResponseAsync("Hi");
        await services.DisposeAsync();
        EngineFailedException whole = await Assert.ThrowsAsync<EngineFailedException>(() => client.GetResponseAsync("Hi"));
        EngineFailedException streamed = await Assert.ThrowsAsync<EngineFailedException>(async () => await client.GetStreamingResponseAsync("Hi").ToListAsync());
        Assert.All([whole, streamed], e => Assert.Equal("the service is stopping", e.Message));
    }

    [Fact]
    public async Task A_client_that_waits_for_a_model_that_is_given_up_hears_the_same()
    {
        var loading = new TaskCompletionSource();
        var model = new FakeModel((_, _) => new[] { "Hello" }.ToAsyncEnumerable())
        {
            OnLoad = (_, cancel) =>
            {
                loading.SetResult();
                return new TaskCompletionSource().Task.WaitAsync(cancel);
            },
        };
        ServiceProvider services = Services(model);
        Task<ChatResponse> waiting = Client(services).GetResponseAsync("Hi");
        await loading.Task;
        await services.DisposeAsync();
        Assert.Equal("the service is stopping", (await Assert.ThrowsAsync<EngineFailedException>(() => waiting)).Message);
    }

    [Fact]
    public async Task What_should_not_happen_has_a_documented_type_too()
    {
        await using ServiceProvider services = Services(new FakeModel((_, _) => throw new InvalidOperationException("a bug")));
        EngineFailedException failure = await Assert.ThrowsAsync<EngineFailedException>(() => Client(services).GetResponseAsync("Hi"));
        Assert.IsType<InvalidOperationException>(failure.InnerException);
        Assert.Throws<ArgumentNullException>(() => { _ = Client(services).GetStreamingResponseAsync((IEnumerable<Microsoft.Extensions.AI.ChatMessage>)null!); });
    }

    [Fact]
    public void There_is_one_model_and_its_options_are_checked()
    {
        var services = new ServiceCollection();
        services.AddSubSpec(Demo);
        Assert.Throws<InvalidOperationException>(() => services.AddSubSpec(Demo));
        using ServiceProvider missing = Services(FakeModel.Saying(), o => o.Model = "/nowhere");
        Assert.Contains("/nowhere", Assert.Throws<BadInputException>(() => Client(missing)).Message, StringComparison.Ordinal);
        using ServiceProvider schedule = Services(FakeModel.Saying(), o => o.Schedule = "magic");
        Assert.Contains("magic", Assert.Throws<BadInputException>(() => Client(schedule)).Message, StringComparison.Ordinal);
    }

    private static async IAsyncEnumerable<string> Waiting(Task end)
    {
        await end;
        yield return "Hello";
    }

    private static AIFunction Weather(Func<string, string> of) => AIFunctionFactory.Create((string city) => of(city), "weather", "of a city");

    private static ChatOptions With(string name, object value, ChatOptions? options = null)
    {
        options ??= new ChatOptions();
        (options.AdditionalProperties ??= [])[name] = value;
        return options;
    }

    private static string Decode(GenerationRequest request) => TestServices.Codec.Decode(((Prompt.Tokens)request.Prompt).Ids, keepSpecial: true);

    private static void Demo(SubSpecOptions options) => options.Model = DemoEngines.Folder;

    private static IChatClient Client(IServiceProvider services) => services.GetRequiredService<IChatClient>();

    private static ServiceProvider Services(FakeModel model, Action<SubSpecOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IInferenceHostFactory>(model);
        services.AddSubSpec(options =>
        {
            Demo(options);
            configure?.Invoke(options);
        });
        return services.BuildServiceProvider();
    }
}
