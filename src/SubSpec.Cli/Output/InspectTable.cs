using Spectre.Console;
using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>A checkpoint for people.</summary>
internal static class InspectTable
{
    public static void Write(CliEnvironment environment, string name, ModelDescription model)
    {
        Table table = Tables.Create(model.Label is null ? name : $"{name} ({model.Label})", numbers: false, "", "");
        table.HideHeaders();
        table.AddCells("path", model.Path);
        table.AddCells("architecture", model.Architecture);
        table.AddCells("parameters", $"{model.Parameters / 1e6:0.##} million, {model.WeightType}");
        table.AddCells("layers", $"{model.Layers} of {Figures.Bytes(model.LayerBytes)}");
        table.AddCells("hidden, intermediate", $"{model.HiddenSize}, {model.IntermediateSize}");
        table.AddCells("heads", $"{model.Heads} of {model.HeadSize}, {model.KvHeads} for keys and values");
        table.AddCells("vocabulary", $"{model.VocabularySize}, embedding {Figures.Bytes(model.EmbeddingBytes)}{(model.TiedEmbedding ? ", also the head" : "")}");
        table.AddCells("context", $"{model.Context} tokens, {Figures.Bytes(model.KvBytesPerToken)} of KV cache each");
        table.AddCells("weights", model.Files == 0 ? $"{Figures.Bytes(model.WeightBytes)}, computed from config.json" : $"{Figures.Bytes(model.WeightBytes)} in {model.Files} files, {model.Tensors} tensors");
        table.AddCells("chat template", model.HasChatTemplate ? "yes" : "no");
        Tables.Print(environment, table);
    }
}
