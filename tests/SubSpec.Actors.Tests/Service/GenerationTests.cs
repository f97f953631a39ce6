using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;

namespace SubSpec.Actors.Tests.Service;

public class GenerationTests : ServiceTest
{
    private readonly ToyModel _model = new();

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task Tokens_are_those_of_plain_decoding(string schedule)
    {
        InferenceClient client = Start(schedule: schedule);
        int[] prompt = PromptOf(1, 21);

        GenerationResult result = await Run(client, Request(prompt, 40));

        Assert.Equal(_model.Generate(prompt, 40), result.TokenIds);
        Assert.Equal(FakeCodec.TextOf(result.TokenIds), result.Text);
        Assert.Equal(FinishReason.Length, result.FinishReason);
        Assert.Equal(21, result.PromptTokens);
        Assert.InRange(result.Rounds, 7, 25);
    }

    [Fact]
    public async Task The_histogram_accounts_for_every_token_but_the_first()
    {
        InferenceClient client = Start();

        GenerationResult result = await Run(client, Request(PromptOf(2, 9), 60));

        Assert.Equal(result.Rounds, result.AcceptanceHistogram.Sum());
        Assert.Equal(result.TokenIds.Length - 1, result.AcceptanceHistogram.Select((rounds, k) => rounds * (k + 1)).Sum());
        Assert.Equal((double)(result.TokenIds.Length - 1 - result.Rounds) / result.Rounds, result.Tau, 9);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public async Task A_draft_that_is_always_wrong_or_always_right_changes_nothing_but_the_rounds(double rightness)
    {
        InferenceClient client = Start(new FakeEngineOptions { Rightness = rightness });
        int[] prompt = PromptOf(3, 5);

        GenerationResult result = await Run(client, Request(prompt, 31));

        Assert.Equal(_model.Generate(prompt, 31), result.TokenIds);
        if (rightness == 1) Assert.Equal(5, result.Rounds);
        else Assert.InRange(result.Rounds, 25, 30);
    }

    [Fact]
    public async Task Sampling_options_reach_every_choice()
    {
        InferenceClient client = Start();
        var sampling = new SamplingOptions { Temperature = 0.8, Seed = 12345, FrequencyPenalty = 0.5 };
        int[] prompt = PromptOf(4, 12);

        GenerationResult result = await Run(client, Request(prompt, 30, sampling));

        Assert.Equal(_model.Generate(prompt, 30, sampling), result.TokenIds);
        Assert.Equal(12345UL, result.Seed);
        Assert.NotEqual(_model.Generate(prompt, 30), result.TokenIds);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Max_tokens_is_exact(int maxTokens)
    {
        InferenceClient client = Start(new FakeEngineOptions { Rightness = 1 });

        GenerationResult result = await Run(client, Request(PromptOf(5, 10), maxTokens));

        Assert.Equal(maxTokens, result.TokenIds.Length);
        Assert.Equal(FinishReason.Length, result.FinishReason);
    }

    [Fact]
    public async Task An_end_of_text_token_inside_an_accepted_path_is_the_last()
    {
        var model = new ToyModel(eosEvery: 15);
        InferenceClient client = Start(new FakeEngineOptions { Model = model, Rightness = 1 });
        int inside = 0;
        for (int seed = 0; seed < 6; seed++)
        {
            int[] prompt = PromptOf(seed, 8);
            int[] expected = model.Generate(prompt, 100);

            GenerationResult result = await Run(client, Request(prompt, 100));

            Assert.Equal(expected, result.TokenIds);
            Assert.Equal(FinishReason.Stop, result.FinishReason);
            Assert.Equal(FakeCodec.TextOf(expected[..^1]), result.Text);
            if ((expected.Length - 1) % 6 != 0) inside++;
        }
        Assert.True(inside > 0);
    }

    [Fact]
    public async Task A_stop_string_cuts_exactly()
    {
        InferenceClient client = Start(new FakeEngineOptions { Rightness = 1 });
        int[] prompt = PromptOf(6, 10);
        int[] plain = _model.Generate(prompt, 40);
        string stop = FakeCodec.TextOf(plain[15..17]);

        GenerationResult result = await Run(client, Request(prompt, 40, null, "never this", stop));

        Assert.Equal(FinishReason.Stop, result.FinishReason);
        Assert.Equal(FakeCodec.TextOf(plain[..15]), result.Text);
        Assert.Equal(plain[..17], result.TokenIds);
        await LoadWhere(client, l => l.Running == 0);
    }

    [Fact]
    public async Task The_context_ends_the_output()
    {
        InferenceClient client = Start(new FakeEngineOptions { Context = 50, Rightness = 1 });
        int[] prompt = PromptOf(7, 30);

        GenerationResult result = await Run(client, Request(prompt, 1000));

        Assert.Equal(_model.Generate(prompt, 1000, context: 50), result.TokenIds);
        Assert.Equal(20, result.TokenIds.Length);
        Assert.Equal(FinishReason.Length, result.FinishReason);
    }

    [Fact]
    public async Task Bytes_streamed_are_the_payload_of_every_offloaded_layer_of_every_pass()
    {
        InferenceClient client = Start();

        await Run(client, Request(PromptOf(8, 20), 25));

        EngineLoad load = await LoadWhere(client, l => l.Running == 0);
        AssertTotals(load, Built[0]);
    }

    [Fact]
    public async Task A_resident_model_needs_no_link()
    {
        InferenceClient client = Start(new FakeEngineOptions { Offloaded = [], RingSlots = 0 });
        int[] prompt = PromptOf(9, 20);

        GenerationResult result = await Run(client, Request(prompt, 20));

        Assert.Equal(_model.Generate(prompt, 20), result.TokenIds);
        Assert.Empty(Built[0].Link.Begun);
    }

    [Fact]
    public async Task Text_and_chat_prompts_are_encoded()
    {
        InferenceClient client = Start();
        int[] encoded = [.. "hello".Select(c => c - ' ')];

        GenerationResult text = await Run(client, Request([1], 9) with { Prompt = new Prompt.Text("hello") });
        GenerationResult chat = await Run(client, Request([1], 9) with { Prompt = new Prompt.Chat([new("user", "hello")]) });

        Assert.Equal(_model.Generate(encoded, 9), text.TokenIds);
        Assert.Equal(text.TokenIds.AsEnumerable(), chat.TokenIds);
    }

    [Fact]
    public async Task Requests_that_cannot_be_used_say_why()
    {
        InferenceClient client = Start(new FakeEngineOptions { Context = 64 });

        await Refused("the prompt has 64 tokens and the context holds 64", Request(PromptOf(1, 64), 5));
        await Refused("token id 97 is not in the vocabulary", Request([3, 97], 5));
        await Refused("max tokens 0", Request([1], 0));
        await Refused("the prompt is empty", Request([], 5));
        await Refused("a stop string is empty", Request([1], 5, null, ""));
        await Refused("temperature", Request([1], 5, new SamplingOptions { Temperature = -1 }));
        await Refused("the template wants a user message", Request([1], 5) with { Prompt = new Prompt.Chat([new("system", "x")]) });

        async Task Refused(string message, GenerationRequest request) =>
            Assert.Contains(message, (await Assert.ThrowsAsync<BadInputException>(() => Run(client, request))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_that_breaks_the_tokenizer_fails_alone()
    {
        InferenceClient client = Start();

        await Assert.ThrowsAsync<EngineFailedException>(() => Run(client, Request([1], 5) with { Prompt = new Prompt.Text("boom!") }));

        Assert.Equal(5, (await Run(client, Request([1], 5))).TokenIds.Length);
    }

    [Fact]
    public async Task While_a_prompt_is_read_the_load_says_how_much_of_it_was()
    {
        // Four reads a pass of eight rows: the third pass is held back in its middle.
        InferenceClient client = Start(prepare: (engine, _) => engine.Link.Hold((read, _) => read >= 10));
        Task<GenerationResult> running = Run(client, Request(PromptOf(1, 30), 4));
        await LoadWhere(client, l => l.Prefill == new PrefillProgress(1, 30, 16));
        Built[0].Link.ReleaseAll();
        await running;
        await LoadWhere(client, l => l.Prefill == default);
    }

    private static void AssertTotals(EngineLoad load, FakeEngine engine)
    {
        int passes = engine.Target.Passes.Count;
        Assert.Equal(passes, load.Totals.Passes);
        Assert.Equal(passes * 4, load.Totals.LayersConsumed);
        Assert.Equal(passes * 4, engine.Target.OffloadedLayersRun);
        Assert.Equal(passes * (4L * FakeLink.LayerPayload + 1 + 2 + 4 + 5), load.Totals.BytesStreamed);
        Assert.True(load.Totals.BytesRead >= passes * 4 * 1024L);
        Assert.Equal(engine.Draft.Steps, load.Totals.DraftSteps);
        Assert.Equal(engine.Target.Passes.Sum(p => p.Sum(r => r.Rows)), load.Totals.VerifiedRows);
        Assert.Equal(0, load.Totals.DroppedMessages);
        Assert.Equal(EngineState.Ready, load.State);
    }
}
