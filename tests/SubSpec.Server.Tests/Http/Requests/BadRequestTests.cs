using System.Net;
using System.Text;
using System.Text.Json;
using SubSpec.Server.Http;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Requests;

/// <summary>What is refused, and what the error names.</summary>
[Collection(nameof(ServerFixture))]
public class BadRequestTests(ServerFixture server)
{
    private const string Messages = """ "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1 """;

    [Theory]
    [InlineData("\"temperature\": \"hot\"", "temperature")]
    [InlineData("\"temperature\": -0.1", "temperature")]
    [InlineData("\"temperature\": 1e-12", "temperature")]
    [InlineData("\"top_p\": 0", "top_p")]
    [InlineData("\"top_p\": 1.1", "top_p")]
    [InlineData("\"top_k\": 1.5", "top_k")]
    [InlineData("\"min_p\": 2", "min_p")]
    [InlineData("\"repetition_penalty\": 0", "repetition_penalty")]
    [InlineData("\"presence_penalty\": 3", "presence_penalty")]
    [InlineData("\"frequency_penalty\": -3", "frequency_penalty")]
    [InlineData("\"seed\": 0.5", "seed")]
    [InlineData("\"seed\": 99999999999999999999", "seed")]
    [InlineData("\"n\": 0", "n")]
    [InlineData("\"n\": 17", "n")]
    [InlineData("\"max_completion_tokens\": 0", "max_completion_tokens")]
    [InlineData("\"logit_bias\": [1]", "logit_bias")]
    [InlineData("\"logit_bias\": {\"x\": 1}", "logit_bias")]
    [InlineData("\"logit_bias\": {\"5\": 101}", "logit_bias")]
    [InlineData("\"logit_bias\": {\"4096\": 1}", "logit_bias")]
    [InlineData("\"logit_bias\": {\"5\": 1, \"05\": 2}", "logit_bias")]
    [InlineData("\"temperature\": 1e999", "temperature")]
    [InlineData("\"max_completion_tokens\": 1e400", "max_completion_tokens")]
    [InlineData("\"response_format\": {\"type\": \"\\ud800\"}", "response_format.type")]
    [InlineData("\"service_tier\": \"\\udfff\"", "service_tier")]
    [InlineData("\"tools\": [{\"a\": [\"\\ud800\"]}]", "tools[0].a[0]")]
    [InlineData("\"stop\": 5", "stop")]
    [InlineData("\"stop\": \"\"", "stop")]
    [InlineData("\"stop\": [\"a\", 5]", "stop[1]")]
    [InlineData("\"stop\": [\"\\ud800\"]", "stop[0]")]
    [InlineData("\"stop\": [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\"]", "stop")]
    [InlineData("\"stream\": \"yes\"", "stream")]
    [InlineData("\"stream\": true, \"stream_options\": {\"usage\": true}", "stream_options.usage")]
    [InlineData("\"user\": 5", "user")]
    [InlineData("\"logprobs\": 1", "logprobs")]
    [InlineData("\"logprobs\": true, \"top_logprobs\": 21", "top_logprobs")]
    [InlineData("\"response_format\": {\"type\": \"json_object\"}", "response_format")]
    [InlineData("\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {}}", "response_format")]
    [InlineData("\"parallel_tool_calls\": false", "parallel_tool_calls")]
    [InlineData("\"functions\": [{}]", "functions")]
    [InlineData("\"store\": true", "store")]
    [InlineData("\"modalities\": [\"audio\"]", "modalities")]
    [InlineData("\"reasoning_effort\": \"low\"", "reasoning_effort")]
    [InlineData("\"chat_template\": \"{{ messages }}\"", "chat_template")]
    [InlineData("\"prompt_cache_key\": \"\"", "prompt_cache_key")]
    [InlineData("\"tools\": 5", "tools")]
    [InlineData("\"tool_choice\": \"auto\"", "tool_choice")]
    public async Task A_parameter_that_cannot_be_honoured_is_named(string parameter, string name)
    {
        JsonElement error = await server.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{ {{Messages}}, {{parameter}} }""");
        Assert.Equal(("invalid_request_error", name), (error.GetProperty("type").GetString(), error.Param()));
        Assert.Contains(name, error.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_parameter_is_named_with_the_one_that_was_meant()
    {
        JsonElement error = await server.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{ {{Messages}}, "temprature": 1}""");
        Assert.Equal(("temprature", "unknown_parameter"), (error.Param(), error.Code()));
        Assert.Contains("did you mean 'temperature'?", error.Message(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"store\": false")]
    [InlineData("\"parallel_tool_calls\": true")]
    [InlineData("\"service_tier\": \"auto\"")]
    [InlineData("\"modalities\": [\"text\"]")]
    [InlineData("\"response_format\": {\"type\": \"text\"}")]
    [InlineData("\"user\": \"somebody\"")]
    [InlineData("\"temperature\": null, \"stop\": null, \"tools\": null, \"audio\": null")]
    public async Task What_says_that_nothing_special_is_wanted_is_accepted(string parameter) =>
        Assert.Equal(1, (await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Messages}}, {{parameter}} }""")).Usage("completion_tokens"));

    [Theory]
    [InlineData("[]", "messages")]
    [InlineData("5", "messages")]
    [InlineData("[5]", "messages[0]")]
    [InlineData("""[{"content": "a"}]""", "messages[0].role")]
    [InlineData("""[{"role": "king", "content": "a"}]""", "messages[0].role")]
    [InlineData("""[{"role": "user"}]""", "messages[0].content")]
    [InlineData("""[{"role": "user", "content": 5}]""", "messages[0].content")]
    [InlineData("""[{"role": "user", "content": "\ud800"}]""", "messages[0].content")]
    [InlineData("""[{"role": "user", "content": "a", "color": "red"}]""", "messages[0].color")]
    [InlineData("""[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]""", "messages[0].content[0].type")]
    [InlineData("""[{"role": "user", "content": [{"type": "text"}]}]""", "messages[0].content[0].text")]
    [InlineData("""[{"role": "user", "content": "a", "tool_calls": [{}]}]""", "messages[0].tool_calls")]
    [InlineData("""[{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "nonsense"}}]}]""", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""[{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{\"\\ud800\": 1}"}}]}]""", "messages[0].tool_calls[0].function.arguments")]
    public async Task A_message_that_cannot_be_used_is_named(string messages, string name)
    {
        JsonElement error = await server.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{"messages": {{messages}}, "max_tokens": 1}""");
        Assert.Equal(name, error.Param());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"messages\": 1, \"messages\": 2}")]
    [InlineData("{\"logit_bias\": {\"\\ud800\": 1}}")]
    public async Task A_body_that_is_no_JSON_object_is_refused(string body) =>
        Assert.Equal("invalid_request_error", (await server.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, body)).GetProperty("type").GetString());

    [Theory]
    [InlineData("name")]
    [InlineData("value")]
    public async Task What_is_wrong_is_not_sent_back_at_length(string what)
    {
        string huge = new('9', 100_000), field = what == "name" ? $"\"{huge}\": 1" : $"\"temperature\": {huge}";
        JsonElement error = await server.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{ {{Messages}}, {{field}} }""");
        Assert.InRange(error.GetRawText().Length, 100, 1200);
        Assert.Contains(what == "name" ? "unknown parameter '999" : "999: give a number from 0 to 100", error.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compressed_body_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiClient.Chat) { Content = new StringContent($$"""{ {{Messages}} }""", Encoding.UTF8, "application/json") };
        request.Content.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage response = await server.Api.Http.SendAsync(request);
        Assert.Contains("'Content-Encoding'", (await ApiClient.ErrorOf(HttpStatusCode.UnsupportedMediaType, response)).Message(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_no_text_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiClient.Chat) { Content = new ByteArrayContent([(byte)'{', 0xff, (byte)'}']) };
        request.Content.Headers.ContentType = new("application/json");
        using HttpResponseMessage response = await server.Api.Http.SendAsync(request);
        Assert.Contains("UTF-8", (await ApiClient.ErrorOf(HttpStatusCode.BadRequest, response)).Message(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_does_not_say_that_it_is_JSON_is_refused()
    {
        using HttpResponseMessage response = await server.Api.Http.PostAsync(ApiClient.Chat, new StringContent($$"""{ {{Messages}} }""", Encoding.UTF8, "text/plain"));
        Assert.Contains("application/json", (await ApiClient.ErrorOf(HttpStatusCode.UnsupportedMediaType, response)).Message(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        string body = $$"""{"messages": [{"role": "user", "content": "{{new string('a', ServeLimits.BodyBytes)}}"}]}""";
        Assert.Equal("request_too_large", (await server.Api.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, ApiClient.Chat, body)).Code());
    }

    [Fact]
    public async Task A_body_that_turns_out_to_be_too_large_is_refused_too()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiClient.Chat) { Content = new ByteArrayContent(new byte[2 * ServeLimits.BodyBytes]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage response = await server.Api.Http.SendAsync(request);
        Assert.Equal("request_too_large", (await ApiClient.ErrorOf(HttpStatusCode.RequestEntityTooLarge, response)).Code());
    }

    [Fact]
    public async Task A_prompt_that_is_longer_than_the_context_is_refused_with_both_lengths()
    {
        string text = string.Join(' ', Enumerable.Repeat("story", 1100));
        JsonElement error = await server.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{"messages": [{"role": "user", "content": "{{text}}"}]}""");
        Assert.Equal(("context_length_exceeded", "messages"), (error.Code(), error.Param()));
        Assert.Contains($"the context holds {server.Host.Limits.Context}", error.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_that_is_too_long_is_refused_with_a_status_before_a_stream_begins()
    {
        string text = string.Join(' ', Enumerable.Repeat("story", 1100));
        JsonElement error = await server.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Completions, $$"""{"prompt": "{{text}}", "stream": true}""");
        Assert.Equal(("context_length_exceeded", "prompt"), (error.Code(), error.Param()));
    }

    [Fact]
    public async Task Too_many_messages_are_refused()
    {
        string messages = string.Join(',', Enumerable.Repeat("""{"role": "user", "content": "a"}""", new ServeLimits().Messages + 1));
        Assert.Equal("messages", (await server.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{"messages": [{{messages}}]}""")).Param());
    }

    [Fact]
    public async Task Another_model_is_not_found()
    {
        JsonElement error = await server.Api.ErrorAsync(HttpStatusCode.NotFound, ApiClient.Chat, $$"""{ {{Messages}}, "model": "gpt-4o"}""");
        Assert.Equal(("model_not_found", "model"), (error.Code(), error.Param()));
        Assert.Contains("use 'demo'", error.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_all_this_a_good_request_is_served() =>
        Assert.Equal(1, (await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Messages}}, "model": "demo"}""")).Usage("completion_tokens"));
}
