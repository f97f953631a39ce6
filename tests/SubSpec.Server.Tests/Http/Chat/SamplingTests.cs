using System.Text.Json;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Chat;

[Collection(nameof(ServerFixture))]
public class SamplingTests(ServerFixture server)
{
    private static string Ask(string more) => $$"""{"messages": [{"role": "user", "content": "Tell me a story about a bird."}], "max_tokens": 24, {{more}}}""";

    private async Task<string> TextAsync(string more) => (await server.Api.OkAsync(ApiClient.Chat, Ask(more))).Content();

    [Fact]
    public async Task The_same_seed_gives_the_same_text() =>
        Assert.Equal(await TextAsync("\"seed\": 11, \"temperature\": 1"), await TextAsync("\"seed\": 11, \"temperature\": 1"));

    [Fact]
    public async Task Another_seed_gives_another_text() =>
        Assert.NotEqual(await TextAsync("\"seed\": 11, \"temperature\": 1"), await TextAsync("\"seed\": 12, \"temperature\": 1"));

    [Fact]
    public async Task The_seed_in_force_is_told_and_repeats_the_answer()
    {
        JsonElement first = await server.Api.OkAsync(ApiClient.Chat, Ask("\"temperature\": 1"));
        long seed = first.GetProperty("seed").GetInt64();
        Assert.Equal(first.Content(), await TextAsync($"\"temperature\": 1, \"seed\": {seed}"));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task Any_seed_of_64_bits_is_told_as_it_was_given(long seed) =>
        Assert.Equal(seed, (await server.Api.OkAsync(ApiClient.Chat, Ask($"\"seed\": {seed}"))).GetProperty("seed").GetInt64());

    [Fact]
    public async Task Keeping_one_token_is_greedy_at_any_temperature() =>
        Assert.Equal(await TextAsync("\"temperature\": 0"), await TextAsync("\"temperature\": 2, \"top_k\": 1, \"seed\": 3"));

    [Theory]
    [InlineData("\"top_p\": 1e-9")]
    [InlineData("\"min_p\": 1")]
    public async Task Filters_that_leave_one_token_are_greedy(string filter) =>
        Assert.Equal(await TextAsync("\"temperature\": 0"), await TextAsync($"\"temperature\": 1.5, \"seed\": 3, {filter}"));

    [Fact]
    public async Task A_bias_keeps_a_token_out()
    {
        JsonElement plain = await server.Api.OkAsync(ApiClient.Chat, Ask("\"temperature\": 0, \"logprobs\": true"));
        int[] first = [.. TestServices.Codec.Encode(plain.Content(), parseSpecial: false)];
        Assert.DoesNotContain(first[0], TestServices.Codec.Encode(await TextAsync($"\"temperature\": 0, \"logit_bias\": {{\"{first[0]}\": -100}}"), false).Take(1));
    }

    [Fact]
    public async Task A_bias_forces_a_token()
    {
        int token = TestServices.Codec.Encode(" dog", parseSpecial: false)[0];
        string text = await TextAsync($"\"temperature\": 0, \"logit_bias\": {{\"{token}\": 100}}");
        Assert.All(TestServices.Codec.Encode(text, false), t => Assert.Equal(token, t));
    }

    [Fact]
    public async Task A_penalty_changes_a_text_that_repeats_itself()
    {
        int token = TestServices.Codec.Encode(" dog", parseSpecial: false)[0];
        // The bias alone repeats one token for ever; the penalty outweighs it in the end.
        string bias = $"\"temperature\": 0, \"logit_bias\": {{\"{token}\": 14}}";
        string repeated = await TextAsync(bias), penalised = await TextAsync($"{bias}, \"frequency_penalty\": 2");
        int Count(string text) => TestServices.Codec.Encode(text, false).Count(t => t == token);
        Assert.True(Count(penalised) < Count(repeated), $"{penalised} | {repeated}");
    }

    [Fact]
    public async Task Every_option_reaches_the_sampler()
    {
        FakeModel model = FakeModel.Saying("Hello");
        await using RunningService service = await TestServices.StartAsync(model);
        await service.Api.OkAsync(ApiClient.Chat, Ask(
            """ "temperature": 0.25, "top_p": 0.5, "top_k": 7, "min_p": 0.125, "repetition_penalty": 1.5, "presence_penalty": -1.5, "frequency_penalty": 2, "seed": -3, "n": 2, "logit_bias": {"5": -2.5} """));
        foreach ((GenerationRequest request, int choice) in model.Requests.OrderBy(r => r.Sampling.Choice).Select((r, i) => (r, i)))
        {
            SamplingOptions expected = new()
            {
                Temperature = 0.25,
                TopP = 0.5,
                TopK = 7,
                MinP = 0.125,
                RepetitionPenalty = 1.5,
                PresencePenalty = -1.5,
                FrequencyPenalty = 2,
                Seed = unchecked((ulong)-3),
                Choice = choice,
            };
            Assert.Equal(expected, request.Sampling with { LogitBias = expected.LogitBias });
            Assert.Equal([KeyValuePair.Create(5, -2.5f)], request.Sampling.LogitBias);
            Assert.Equal(24, request.MaxTokens);
        }
    }

    [Fact]
    public async Task Without_a_temperature_the_answer_is_as_the_makers_of_the_model_want_it()
    {
        // The demo's generation_config.json: temperature 0.7, top_p 0.9.
        Assert.Equal(await TextAsync("\"seed\": 4, \"temperature\": 0.7, \"top_p\": 0.9"), await TextAsync("\"seed\": 4"));
    }

    [Fact]
    public async Task What_is_drafted_is_what_plain_decoding_would_have_said()
    {
        string body = Ask("\"seed\": 21, \"temperature\": 0.9, \"max_completion_tokens\": 80");
        JsonElement drafted = await server.Api.OkAsync(ApiClient.Chat, body);
        Assert.True(drafted.GetProperty("timings").GetProperty("draft_accepted").GetInt32() > 0);

        await using RunningService plain = await TestServices.ListenAsync(new PlainDecoding());
        await plain.Loaded;
        JsonElement said = await plain.Api.OkAsync(ApiClient.Chat, body);
        Assert.Equal(0, said.GetProperty("timings").GetProperty("draft_accepted").GetInt32());
        Assert.Equal(said.Content(), drafted.Content());
    }
}
