using System.Globalization;
using Spectre.Console;
using SubSpec.Core.Generation;
using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>A checkpoint for people.</summary>
internal static class InspectTable
{
    private const string Unknown = "not known: only config.json was given";

    public static void Write(CliEnvironment environment, string name, ModelDescription model)
    {
        bool isFile = File.Exists(model.Path);
        Table table = Tables.Create(model.Label is null ? name : $"{name} ({model.Label})", numbers: false, "", "");
        table.HideHeaders();
        table.AddCells("path", model.Path);
        table.AddCells("architecture", model.Architecture);
        table.AddCells("parameters", $"{Figures.Count(model.Parameters)}, {model.WeightType}");
        table.AddCells("layers", $"{model.Layers}");
        table.AddCells("hidden, intermediate", $"{model.HiddenSize}, {model.IntermediateSize}");
        table.AddCells("heads", $"{model.Heads} of {model.HeadSize}, {model.KvHeads} for keys and values");
        table.AddCells("vocabulary", $"{model.VocabularySize}{(model.TiedEmbedding ? ", the embedding is also the head" : "")}");
        table.AddCells("context", $"{model.Context} tokens, {Figures.Bytes(model.KvBytesPerToken)} of KV cache each");
        table.AddCells("weights", $"{Figures.Bytes(model.WeightBytes)}{(model.WeightFiles.IsEmpty ? ", computed from config.json" : $" in {model.Tensors} tensors")}");
        foreach (var part in model.Parts) table.AddCells($"  {part.Name}", Figures.Bytes(part.Bytes));
        Rows(table, "weight files", model.WeightFiles);
        Rows(table, "tokenizer", model.TokenizerFiles);
        if (!isFile)
        {
            if (model.TokenizerFiles.IsEmpty) table.AddCells("tokenizer", "none");
            table.AddCells("chat template", model.HasChatTemplate ? "yes" : "no");
        }
        table.AddCells("end tokens", model.EndTokens.IsEmpty ? "none" : string.Join(", ", model.EndTokens));
        table.AddCells("sampling defaults", isFile ? Unknown : Sampling(model.Generation));
        if (isFile) table.AddCells("tokenizer, template", Unknown);
        table.AddCells("refused", model.Refused.IsEmpty ? "nothing" : $"{model.Refused.Length}, see below");
        Tables.Print(environment, table);
        foreach (string reason in model.Refused) environment.Out.WriteLine($"refused: {OneLine.Of(reason)}");
    }

    private static void Rows(Table table, string name, IEnumerable<string> values)
    {
        foreach (string value in values)
        {
            table.AddCells(name, value);
            name = "";
        }
    }

    private static string Sampling(GenerationDefaults defaults)
    {
        (string Name, double? Value)[] all =
        [
            ("temperature", defaults.Temperature), ("top-p", defaults.TopP), ("top-k", defaults.TopK), ("min-p", defaults.MinP), ("repetition penalty", defaults.RepetitionPenalty),
        ];
        string given = string.Join(", ", all.Where(d => d.Value is not null).Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Name} {d.Value}")));
        return given.Length > 0 ? given : "none: the best token always";
    }
}
