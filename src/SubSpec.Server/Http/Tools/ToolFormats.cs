using System.Text.Json;
using SubSpec.Core;
using SubSpec.Core.Text;

namespace SubSpec.Server.Http.Tools;

/// <summary>Finds out how a model is told of tools, and so how it calls them, by showing its chat template one.</summary>
internal static class ToolFormats
{
    private const string Probe = "subspec_probe";

    private static readonly JsonElement ProbeTools = JsonDocument.Parse(
        "[{\"type\": \"function\", \"function\": {\"name\": \"" + Probe + "\", \"description\": \"none\", \"parameters\": {\"type\": \"object\", \"properties\": {}}}}]").RootElement.Clone();

    /// <summary>Null where the template says nothing of tools, or in a way that is not known.</summary>
    public static IToolFormat? Of(ITextCodec codec)
    {
        string prompt;
        try
        {
            prompt = codec.Decode(codec.EncodeChat([new ChatMessage("user", "?")], addGenerationPrompt: true, new ChatVariables(ProbeTools)), keepSpecial: true);
        }
        catch (BadInputException)
        {
            return null;
        }
        if (!prompt.Contains(Probe, StringComparison.Ordinal)) return null;
        if (prompt.Contains(HermesTools.Open, StringComparison.Ordinal)) return new HermesTools();
        // Llama's templates ask for an answer in this form, in these words.
        return prompt.Contains("{\"name\": function name, \"parameters\":", StringComparison.Ordinal) ? new LlamaTools() : null;
    }
}
