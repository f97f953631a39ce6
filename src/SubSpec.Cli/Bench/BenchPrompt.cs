using System.Collections.Immutable;
using System.Text.Json;
using SubSpec.Cli.Options;
using SubSpec.Core;

namespace SubSpec.Cli.Bench;

/// <summary>Reads prompts from JSON lines: the first of <c>turns</c> (as MT-Bench has it), else <c>prompt</c>, else <c>text</c>.</summary>
internal static class BenchPrompt
{
    /// <exception cref="BadInputException">The file cannot be read, or a line holds no prompt.</exception>
    public static ImmutableArray<string> ReadFile(string file)
    {
        ImmutableArray<string> prompts =
        [
            .. PromptOptions.ReadFile(file).Split('\n')
                .Select((line, i) => (Line: line.Trim(), Number: i + 1))
                .Where(l => l.Line.Length > 0)
                .Select(l => ReadLine(l.Line, $"{file} line {l.Number}")),
        ];
        return prompts.Length > 0 ? prompts : throw new BadInputException($"{file} holds no prompts: give one JSON object a line, with turns, prompt or text");
    }

    private static string ReadLine(string line, string where)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object)
            {
                if (root.TryGetProperty("turns", out JsonElement turns) && turns.ValueKind == JsonValueKind.Array && turns.GetArrayLength() > 0) return Text(turns[0], where);
                if (root.TryGetProperty("prompt", out JsonElement prompt)) return Text(prompt, where);
                if (root.TryGetProperty("text", out JsonElement text)) return Text(text, where);
            }
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{where} is not JSON: give one object a line, with turns, prompt or text", e);
        }
        throw new BadInputException($"{where} holds no prompt: give turns, prompt or text");
    }

    private static string Text(JsonElement value, string where) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : throw new BadInputException($"{where}: the prompt is not a text of at least one character: give turns, prompt or text");
}
