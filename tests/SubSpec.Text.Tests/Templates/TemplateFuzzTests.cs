using System.Diagnostics;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SubSpec.Core;
using SubSpec.Core.Text;
using SubSpec.Text.Templates;
using SubSpec.Text.Templates.Values;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Templates;

/// <summary>
/// Random templates, and real ones that were damaged: each renders in bounded time or is refused with the one exception, and what
/// the request wrote stays marked as its own. <c>SUBSPEC_FUZZ_CASES</c> raises the number of cases.
/// </summary>
public class TemplateFuzzTests
{
    // In messages only: no template has it.
    private const char FromRequest = '\uE000';

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    private static readonly string[] Words =
    [
        "{{ ", " }}", "{% ", " %}", "{%- ", " -%}", "if ", "endif", "for x in ", "endfor", "set a = ", "macro m(b)", "endmacro", "x", "a", "m()", "1", "'s'", "[1, 2]", "{'k': 1}", " | ", "join", "length",
        "tojson", "upper", " is ", "defined", "none", " + ", " * ", "~", "(", ")", "[", "]", ":", ".k", " in ", " and ", "not ", "\n", "text", "else", "{# ", " #}", "messages", "[0]", ".content", "tools", "loop.index",
        "namespace(n=0)", "range(99999)", "999999999", "replace('a', 'b')", ".split('')", "sort", "reverse", "indent(3)", "[::-1]", "{{ messages }}", "{% for x in messages %}", "{% endfor %}", "strftime_now('%Y')",
    ];

    private static readonly string[] Sources =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Fixtures, "chat_templates"), "*.jinja").Order().Select(File.ReadAllText),
        .. Fixture.Json("template-vectors.json").GetProperty("snippets").EnumerateArray().Select(s => s.GetProperty("source").GetString()!),
    ];

    private static readonly KeyValuePair<string, object?>[] Variables =
    [
        .. ChatPrompt.Variables(
            [
                new("system", $"Be {FromRequest} brief."),
                new("user", $"{FromRequest}a b{FromRequest}"),
                ChatMessage.FromJson(Fixture.Parse("""{"role": "assistant", "content": null, "tool_calls": [{"type": "function", "function": {"name": "f\uE000", "arguments": {"x": [1, "\uE000"]}}}]}""")),
                new("tool", $"{FromRequest}"),
                new("user", "x"),
            ],
            addGenerationPrompt: true,
            new ChatVariables(tools: Fixture.Parse("""[{"type": "function", "function": {"name": "f", "description": "\uE000", "parameters": {}}}]""")),
            new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" }),
        new("x", 3L),
    ];

    [Fact]
    public void Random_templates_render_or_are_refused() => CheckAll(Mutations.Several(Gen.Elements(Words), 16), string.Concat, usual: 8000);

    [Fact]
    public void Damaged_templates_render_or_are_refused() =>
        CheckAll(Mutations.Arbitrary, steps => steps.Skip(1).Aggregate(Sources[steps[0].At % Sources.Length], Damage), usual: 4000);

    private static void CheckAll<T>(Arbitrary<T> cases, Func<T, string> sourceOf, int usual)
    {
        int rendered = 0, refused = 0;
        Prop.ForAll(cases, one =>
        {
            if (Renders(sourceOf(one))) rendered++;
            else refused++;
        }).Check(Mutations.Cases(usual));
        // Both ways must really be taken, or the generator has gone blind.
        Assert.True(rendered > (rendered + refused) / 100 && refused > (rendered + refused) / 10, $"rendered {rendered}, refused {refused}");
    }

    private static bool Renders(string source)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            MarkedText text = ChatTemplate.Parse(source).Render(Variables, TimeProvider.System);
            for (int at = text.Text.IndexOf(FromRequest); at >= 0; at = text.Text.IndexOf(FromRequest, at + 1)) Assert.True(text.IsInput(at, 1), source);
            return true;
        }
        catch (BadInputException e)
        {
            Assert.Contains("chat template", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
            return false;
        }
        finally
        {
            Assert.True(clock.Elapsed < TimeLimit, $"{clock.Elapsed}: {source}");
        }
    }

    private static string Damage(string source, Mutations.Step step)
    {
        if (source.Length == 0) return source;
        int at = step.At % source.Length, run = Math.Min(1 + (step.Value % 40), source.Length - at);
        return (step.Kind % 4) switch
        {
            0 => source.Remove(at, Math.Min(run, 8)),
            1 => source.Insert(at, Words[step.Value % Words.Length]),
            2 => source.Insert(step.Value % source.Length, source.Substring(at, run)),
            _ => source[..at],
        };
    }
}
