using SubSpec.Core;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Safetensors;

namespace SubSpec.GrowModel;

/// <summary>An enlarged model on paper: what its tensors are and how they come from the source. No weights have been read.</summary>
internal sealed class GrownModel
{
    private static readonly string[] CopiedFiles =
        ["tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "generation_config.json"];

    private readonly Qwen2Config _config;
    private readonly GrowthPlan _plan;

    /// <summary>Reads the source's configuration and headers and checks them.</summary>
    /// <exception cref="BadInputException">The source or the options cannot be used.</exception>
    public GrownModel(GrowOptions options)
    {
        Options = options;
        _config = Qwen2Config.Read(options.Model);
        _plan = GrowthPlan.Make(_config, options);
        Source = Checkpoint.Open(options.Model);
        Tensors = GrownLayout.Of(_config, _plan);
        CheckShapes();
        Entries = [.. Tensors.Select(Entry)];
        Bytes = Entries.Sum(e => sizeof(ushort) * e.Shape.Aggregate(1L, (a, b) => a * b));
    }

    public GrowOptions Options { get; }

    public ITensorSource Source { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<GrownTensor> Tensors { get; }

    /// <summary>Name, type and shape of each tensor.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>Of all weights.</summary>
    public long Bytes { get; }

    /// <param name="source">The tensor's <see cref="GrownTensor.Source"/>.</param>
    public TensorGrower Grower(int index, SourceTensor source) => new(Tensors[index], source, index, Options.Noise, Options.Seed);

    /// <summary>Writes everything but the weights: the configuration, and the source's tokenizer.</summary>
    public void WriteFiles(string folder)
    {
        foreach (string name in CopiedFiles.Where(name => File.Exists(Path.Combine(Options.Model, name))))
            File.Copy(Path.Combine(Options.Model, name), Path.Combine(folder, name), overwrite: true);
        string source = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Options.Model)));
        File.WriteAllText(Path.Combine(folder, "config.json"), _config.Enlarged(_plan, source, Options.Noise, Options.Seed));
    }

    private SafetensorsEntry Entry(GrownTensor tensor)
    {
        IReadOnlyList<int> shape = Source.Find(tensor.Source).Shape;
        long columns = (long)shape[^1] * tensor.ColumnCopies;
        return new SafetensorsEntry(tensor.Name, SafetensorsDtype.BF16, shape.Count == 1 ? [columns] : [(long)shape[0] * tensor.RowCopies, columns]);
    }

    /// <summary>The checkpoint must be what its configuration says; a tensor left over would be lost silently.</summary>
    private void CheckShapes()
    {
        (int h, int q, int kv, int i) = (_config.Hidden, _config.Heads * _config.HeadDim, _config.KvHeads * _config.HeadDim, _config.Intermediate);
        foreach (string name in Tensors.Select(t => t.Source).Distinct())
        {
            int[] expected = name.Split('.')[^2..] switch
            {
                ["embed_tokens" or "lm_head", _] => [_config.Vocabulary, h],
                ["q_proj", "weight"] => [q, h],
                ["k_proj" or "v_proj", "weight"] => [kv, h],
                ["q_proj", "bias"] => [q],
                ["k_proj" or "v_proj", "bias"] => [kv],
                ["o_proj", _] => [h, q],
                ["gate_proj" or "up_proj", _] => [i, h],
                ["down_proj", _] => [h, i],
                _ => [h],
            };
            IReadOnlyList<int> shape = Source.Find(name).Shape;
            if (!shape.SequenceEqual(expected))
                throw new BadInputException($"{Options.Model}: {name} is [{string.Join(", ", shape)}], but config.json makes it [{string.Join(", ", expected)}]. Download the model again.");
        }
        string? unknown = Source.Names.Except(Tensors.Select(t => t.Source)).FirstOrDefault(n => n != "lm_head.weight" || !_config.Tied);
        if (unknown is not null) throw new BadInputException($"{Options.Model}: unexpected tensor {unknown}. Use a dense Qwen2 model.");
    }
}
