using SubSpec.Server.Http.Tools;

namespace SubSpec.Server.Tests.Http.Tools;

public class ToolFormatTests
{
    private const string Call = """<tool_call>{"name": "weather", "arguments": {"city": "Oslo", "days": [1, 2]}}</tool_call>""";

    public static TheoryData<string, string> HermesAnswers => new()
    {
        { Call, "weather{\"city\":\"Oslo\",\"days\":[1,2]}" },
        { $"\n{Call}\n", "weather{\"city\":\"Oslo\",\"days\":[1,2]}|'\n'" },
        { $"Let me look.\n{Call}\n{Call}", "'Let me look.'|weather{\"city\":\"Oslo\",\"days\":[1,2]}|weather{\"city\":\"Oslo\",\"days\":[1,2]}" },
        { "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}", "f{}" },
        { "<tool_call>{\"name\": \"f\"}</tool_call>", "f{}" },
        { "<tool_call>nonsense</tool_call> done", "'<tool_call>nonsense</tool_call> done'" },
        { "<tool_call>{\"name\": \"f\", \"arguments\": \"{}\"}</tool_call>", "'<tool_call>{\"name\": \"f\", \"arguments\": \"{}\"}</tool_call>'" },
        { "a < b and <tool> and <tool_cal", "'a < b and <tool> and <tool_cal'" },
        { "plain  \n text ", "'plain  \n text '" },
    };

    public static TheoryData<string, string> LlamaAnswers => new()
    {
        { "{\"name\": \"weather\", \"parameters\": {\"city\": \"Oslo\"}}", "weather{\"city\":\"Oslo\"}" },
        { "  {\"name\": \"f\", \"parameters\": {}}\n", "f{}" },
        { "{\"answer\": 5}", "'{\"answer\": 5}'" },
        { "Text with {\"name\": \"f\", \"parameters\": {}}", "'Text with {\"name\": \"f\", \"parameters\": {}}'" },
        { "{\"name\": \"f\", \"parameters\":", "'{\"name\": \"f\", \"parameters\":'" },
        { " ", "' '" },
    };

    [Theory]
    [MemberData(nameof(HermesAnswers))]
    public void Qwens_calls_are_found_however_the_text_comes(string answer, string parts) => AssertParts(() => new HermesTools(), answer, parts);

    [Theory]
    [MemberData(nameof(LlamaAnswers))]
    public void Llamas_calls_are_found_however_the_text_comes(string answer, string parts) => AssertParts(() => new LlamaTools(), answer, parts);

    [Fact]
    public void Text_that_cannot_become_a_call_is_not_held_back()
    {
        var reader = new AnswerReader(new HermesTools());
        Assert.Equal("'Hello'", Describe(reader.Append("Hello")));
        Assert.Equal("", Describe(reader.Append(" <tool")));
        Assert.Equal("' <tools!'", Describe(reader.Append("s!")));
    }

    [Fact]
    public void Without_a_format_everything_is_text()
    {
        var reader = new AnswerReader(null);
        Assert.Equal($"'{Call}'", Describe(reader.Append(Call)));
        Assert.Equal(0, reader.Calls);
    }

    [Fact]
    public void Calls_are_counted_and_have_ids_of_their_own()
    {
        var reader = new AnswerReader(new HermesTools());
        AnswerPart.Call[] calls = [.. reader.Append(Call + Call).OfType<AnswerPart.Call>()];
        Assert.Equal([0, 1], calls.Select(c => c.Index));
        Assert.NotEqual(calls[0].Id, calls[1].Id);
        Assert.Equal(2, reader.Calls);
    }

    /// <summary>Whole, in halves at every place, and character by character.</summary>
    private static void AssertParts(Func<IToolFormat> format, string answer, string expected)
    {
        Assert.Equal(expected, Read(format(), [answer]));
        for (int cut = 1; cut < answer.Length; cut++) Assert.Equal(expected, Read(format(), [answer[..cut], answer[cut..]]));
        Assert.Equal(expected, Read(format(), answer.Select(c => c.ToString())));
    }

    private static string Read(IToolFormat format, IEnumerable<string> pieces)
    {
        var reader = new AnswerReader(format);
        return Describe([.. pieces.SelectMany(p => reader.Append(p)), .. reader.End()]);
    }

    // Texts that follow each other are one text.
    private static string Describe(IEnumerable<AnswerPart> parts) => string.Concat(parts.Select(p => p switch
    {
        AnswerPart.Call call => $"|{call.Name}{call.Arguments}|",
        AnswerPart.Text text => $"'{text.Value}'",
        _ => "?",
    })).Replace("''", "", StringComparison.Ordinal).Replace("||", "|", StringComparison.Ordinal).Trim('|');
}
