using System.Collections.Immutable;
using System.Globalization;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Planning;
using SubSpec.Text;
using SubSpec.Torch.Models;
using SubSpec.Torch.Safetensors;

namespace SubSpec.Server;

/// <summary>Says what a model folder, or a <c>config.json</c> alone, holds, and what of it would be refused.</summary>
internal static class ModelInspector
{
    /// <exception cref="BadInputException">There is no config, or its architecture is not supported: nothing else can be said then.</exception>
    public static ModelDescription Describe(string path)
    {
        ModelConfig config = ModelConfigReader.Read(path);
        var refused = new List<string>();
        bool isFolder = Directory.Exists(path);
        if (isFolder) Try(() => ModelFolder.Open(path));
        Checkpoint? checkpoint = isFolder ? Try(() => Checkpoint.Open(path)) : null;
        HuggingFaceTokenizer? tokenizer = isFolder ? Try(() => HuggingFaceTokenizer.Load(path)) : null;
        GenerationConfig? generation = Try(() => GenerationConfig.Read(path));
        if (tokenizer?.VocabularySize > config.Vocabulary) refused.Add($"{path}: the tokenizer has {tokenizer.VocabularySize} tokens, the model {config.Vocabulary}");

        ImmutableArray<PlanPart> parts = checkpoint is null ? Computed(config) : Measured(checkpoint);
        return new ModelDescription(
            path,
            config.ModelType,
            config.Label,
            config.Layers,
            config.Hidden,
            config.Intermediate,
            config.Heads,
            config.KvHeads,
            config.HeadDim,
            config.Vocabulary,
            config.MaxContext,
            config.TiedHead,
            checkpoint is null ? "bf16 (assumed)" : TypesOf(checkpoint),
            checkpoint?.Tensors.Sum(t => t.Shape.Aggregate(1L, (product, size) => product * size)) ?? parts.Sum(p => p.Bytes) / 2,
            parts.Sum(p => p.Bytes),
            parts,
            2L * 2 * config.Layers * config.KvWidth,
            [.. checkpoint?.Files ?? []],
            checkpoint?.Names.Count ?? 0,
            isFolder ? [.. HuggingFaceTokenizer.FilesOf(path)] : [],
            tokenizer?.HasChatTemplate ?? false,
            [.. (generation?.EndTokens ?? []).Order()],
            generation?.Defaults ?? GenerationDefaults.None,
            [.. refused.Distinct()]);

        T? Try<T>(Func<T> read)
            where T : class
        {
            try
            {
                return read();
            }
            catch (BadInputException e)
            {
                refused.Add(e.Message);
                return null;
            }
        }
    }

    private static string TypesOf(Checkpoint checkpoint) =>
        string.Join(", ", checkpoint.Tensors.Select(t => t.Dtype.ToString().ToLower(CultureInfo.InvariantCulture)).Distinct().Order());

    private static ImmutableArray<PlanPart> Measured(Checkpoint checkpoint) =>
    [
        .. checkpoint.Tensors.GroupBy(t => PartOf(t)).OrderByDescending(part => part.Sum(t => t.Bytes)).Select(part => new PlanPart(part.Key, part.Sum(t => t.Bytes))),
    ];

    private static string PartOf(SafetensorsTensor tensor) => tensor switch
    {
        { Name: "model.embed_tokens.weight" } => "embedding",
        { Name: "lm_head.weight" } => "head",
        { Shape.Count: 2 } when tensor.Name.StartsWith("model.layers.", StringComparison.Ordinal) => "layers",
        { Shape.Count: 1 } => "norms and biases",
        _ => "other",
    };

    private static ImmutableArray<PlanPart> Computed(ModelConfig config)
    {
        long layer = (long)config.Hidden * (2 * config.QueryWidth + 2 * config.KvWidth + 3 * config.Intermediate);
        var embedding = new PlanPart("embedding", 2L * config.Vocabulary * config.Hidden);
        var layers = new PlanPart("layers", 2 * layer * config.Layers);
        return config.TiedHead ? [layers, embedding] : [layers, embedding, embedding with { Name = "head" }];
    }
}
