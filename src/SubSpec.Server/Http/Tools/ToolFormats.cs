using System.Runtime.CompilerServices;
using System.Text.Json;
using SubSpec.Core;
using SubSpec.Core.Text;

namespace SubSpec.Server.Http.Tools;

/// <summary>
/// Finds out how a model is told of tools, and so how it calls them, by showing its chat template one: once for each codec, and
/// without keeping it alive. Safe to call from several threads.
/// </summary>
internal sealed class ToolFormats
{
    private const string Name = "subspec_probe";

    private static readonly JsonElement ProbeTools = JsonDocument.Parse(
        "[{\"type\": \"function\", \"function\": {\"name\": \"" + Name + "\", \"description\": \"none\", \"parameters\": {\"type\": \"object\", \"properties\": {}}}}]").RootElement.Clone();

    private readonly ConditionalWeakTable<ITextCodec, Lazy<IToolFormat?>> _known = [];

    /// <summary>Null where the template says nothing of tools, or in a way that is not known.</summary>
    public IToolFormat? Of(ITextCodec codec) => _known.GetValue(codec, static c => new Lazy<IToolFormat?>(() => Probe(c))).Value;

    private static IToolFormat? Probe(ITextCodec codec)
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
        if (!prompt.Contains(Name, StringComparison.Ordinal)) return null;
        if (prompt.Contains(HermesTools.Open, StringComparison.Ordinal)) return new HermesTools();
        // Llama's templates ask for an answer in this form, in these words.
        return prompt.Contains("{\"name\": function name, \"parameters\":", StringComparison.Ordinal) ? new LlamaTools() : null;
    }
}
