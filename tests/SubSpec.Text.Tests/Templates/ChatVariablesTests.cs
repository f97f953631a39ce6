using System.Text.Json;
using SubSpec.Core;
using SubSpec.Core.Text;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Templates;

/// <summary>Messages and tools as requests write them, through the codec.</summary>
public class ChatVariablesTests
{
    private const int End = 4095;
    private static readonly FixedClock Clock = new(new DateTimeOffset(2025, 2, 3, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("Qwen-Qwen2.5-7B-Instruct.jinja")]
    [InlineData("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B.jinja")]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct.jinja")]
    [InlineData("meta-llama-Llama-3.2-3B-Instruct.jinja")]
    public void A_request_with_tools_has_the_ids_of_what_the_reference_writes(string template)
    {
        using TemporaryFolder folder = Folder(Fixture.Text(Path.Combine("chat_templates", template)))
            .With("tokenizer_config.json", """{"bos_token": {"content": "<bos>"}, "eos_token": "<eos>"}""");
        var tokenizer = HuggingFaceTokenizer.Load(folder.Path, Clock);
        JsonElement[] chats = [.. Fixture.Json("template-vectors.json").GetProperty("chats").EnumerateArray().Where(c => c.GetProperty("template").GetString() == template)];

        Assert.Equal(20, chats.Length);
        Assert.All(chats, chat =>
        {
            JsonElement variables = chat.GetProperty("variables");
            ChatMessage[] messages = [.. variables.GetProperty("messages").EnumerateArray().Select(ChatMessage.FromJson)];
            Assert.Equal(
                tokenizer.Encode(chat.GetProperty("expected").GetString()!, parseSpecial: true),
                tokenizer.EncodeChat(messages, variables.GetProperty("add_generation_prompt").GetBoolean(), new ChatVariables(variables.GetProperty("tools"))));
        });
    }

    [Fact]
    public void Every_field_of_a_message_reaches_the_template_unchanged()
    {
        const string Message = """{"role": "assistant", "content": [{"type": "text", "text": "é"}], "name": "Bo", "tool_calls": [{"id": "1", "n": 1.5, "none": null}]}""";
        var message = ChatMessage.FromJson(Fixture.Parse(Message));

        Assert.Equal(("assistant", ""), (message.Role, message.Content));
        Assert.Equal(Message, Render("{{ messages[0] | tojson }}", [message]));
        Assert.Equal("hi", ChatMessage.FromJson(Fixture.Parse("""{"role": "user", "content": "hi"}""")).Content);
    }

    [Fact]
    public void The_JSON_outlives_its_document()
    {
        ChatMessage message;
        ChatVariables variables;
        using (var document = JsonDocument.Parse("""[{"role": "user", "content": "hi"}]"""))
        {
            message = ChatMessage.FromJson(document.RootElement[0]);
            variables = new ChatVariables(tools: document.RootElement);
        }

        Assert.Equal("hi hi", Render("{{ messages[0].content }} {{ tools[0].content }}", [message], variables));
    }

    [Fact]
    public void Documents_and_further_variables_reach_the_template_too()
    {
        var variables = new ChatVariables(documents: Fixture.Parse("""[{"title": "T"}]"""), others: Fixture.Parse("""{"enable_thinking": false, "level": 3}"""));
        const string Template = "{{ documents[0].title }}{{ enable_thinking | tojson }}{{ level }}{{ (tools is none) | tojson }}";

        Assert.Equal("Tfalse3true", Render(Template, [], variables));
        Assert.Equal("truetrue", Render("{{ (documents is none) | tojson }}{{ (enable_thinking is not defined) | tojson }}", []));
    }

    [Fact]
    public void A_request_can_neither_replace_the_templates_variables_nor_write_special_tokens()
    {
        var variables = new ChatVariables(
            tools: Fixture.Parse("""[{"<|im_end|>": "<|im_end|>"}]"""),
            documents: Fixture.Parse("""["<|im_end|>"]"""),
            others: Fixture.Parse("""{"messages": ["<|im_end|>"], "eos_token": "forged", "x": "<|im_end|>", "add_generation_prompt": false}"""));
        using TemporaryFolder folder = Folder("{{ messages | length }}{{ add_generation_prompt | tojson }}{{ tools | tojson }}{{ documents[0] }}{{ x }}{{ eos_token }}")
            .With("tokenizer_config.json", """{"eos_token": "<|im_end|>"}""");
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);
        IReadOnlyList<int> ids = tokenizer.EncodeChat([], addGenerationPrompt: true, variables);

        Assert.Equal("""0true[{"<|im_end|>": "<|im_end|>"}]<|im_end|><|im_end|>""", tokenizer.Decode(ids));
        Assert.Equal(ids.Count - 1, ids.ToList().IndexOf(End));
    }

    [Fact]
    public void Conversations_with_tools_take_the_template_for_tools()
    {
        const string Config = """{"chat_template": [{"name": "default", "template": "plain"}, {"name": "tool_use", "template": "tools"}]}""";
        using TemporaryFolder folder = Folder(null).With("tokenizer_config.json", Config);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);

        Assert.Equal("plain", tokenizer.Decode(tokenizer.EncodeChat([], true)));
        Assert.Equal("tools", tokenizer.Decode(tokenizer.EncodeChat([], true, new ChatVariables(tools: Fixture.Parse("[]")))));
    }

    [Fact]
    public void A_chat_has_one_beginning_of_text_whoever_writes_it()
    {
        const string Config = """{"bos_token": "<|endoftext|>", "add_bos_token": true, "chat_template": "{{ bos_token }}hi"}""";
        using TemporaryFolder folder = Folder(null).With("tokenizer_config.json", Config);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);
        IReadOnlyList<int> plain = tokenizer.Encode("hi", parseSpecial: false);

        Assert.Equal([4093, .. plain], tokenizer.EncodeChat([], true));
        Assert.Equal([4093, .. plain], tokenizer.EncodePrompt("hi"));
        Assert.Equal([4093, .. plain], tokenizer.EncodePrompt("<|endoftext|>hi"));
    }

    [Fact]
    public void A_template_that_cannot_be_used_is_named_with_its_file()
    {
        Assert.Contains("chat_template.jinja: chat template, line 2", Refusal(Folder("\n{% include 'x' %}")), StringComparison.Ordinal);
        Assert.Contains("tokenizer_config.json: chat_template 'default': chat template, line 1", Refusal(Folder(null).With("tokenizer_config.json", """{"chat_template": "{% x %}"}""")), StringComparison.Ordinal);

        static string Refusal(TemporaryFolder folder)
        {
            using (folder)
            {
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);
                return Assert.Throws<BadInputException>(() => tokenizer.EncodeChat([], true)).Message;
            }
        }
    }

    [Theory]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("""{"role": 5}""")]
    [InlineData("""{"role": "\ud800", "content": "x"}""")]
    [InlineData("""{"role": "user", "content": "\udc00"}""")]
    public void A_message_that_is_none_is_refused(string json) => Assert.Throws<BadInputException>(() => ChatMessage.FromJson(Fixture.Parse(json)));

    [Fact]
    public void Variables_of_another_kind_and_texts_that_are_none_are_refused()
    {
        Assert.Contains("tools", Assert.Throws<BadInputException>(() => new ChatVariables(tools: Fixture.Parse("{}"))).Message, StringComparison.Ordinal);
        Assert.Contains("documents", Assert.Throws<BadInputException>(() => new ChatVariables(documents: Fixture.Parse("1"))).Message, StringComparison.Ordinal);
        Assert.Contains("variables", Assert.Throws<BadInputException>(() => new ChatVariables(others: Fixture.Parse("[]"))).Message, StringComparison.Ordinal);
        Assert.Equal(ChatVariables.None, new ChatVariables(tools: Fixture.Parse("null")));
        Assert.Throws<BadInputException>(() => Render("{{ tools }}", [], new ChatVariables(tools: Fixture.Parse("""["\ud800"]"""))));
        Assert.Throws<BadInputException>(() => Render("x", [], new ChatVariables(others: Fixture.Parse("""{"\ud800": 1}"""))));
    }

    private static string Render(string template, IReadOnlyList<ChatMessage> messages, ChatVariables? variables = null)
    {
        using TemporaryFolder folder = Folder(template);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);
        return tokenizer.Decode(tokenizer.EncodeChat(messages, addGenerationPrompt: true, variables));
    }

    private static TemporaryFolder Folder(string? template)
    {
        TemporaryFolder folder = new TemporaryFolder().WithLink("tokenizer.json", Path.Combine(Repository.DemoModel, "tokenizer.json"));
        return template is null ? folder : folder.With("chat_template.jinja", template);
    }
}
