using SubSpec.Core;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Safetensors;

namespace SubSpec.GrowModel;

/// <summary>Makes the folder of the enlarged model. It appears whole or not at all.</summary>
internal sealed class ModelGrower
{
    private const int BlockBytes = 16 << 20;

    private static readonly string[] CopiedFiles =
        ["tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "generation_config.json"];

    private readonly GrowOptions _options;
    private readonly string _out;
    private readonly Checkpoint _checkpoint;
    private readonly Qwen2Config _config;
    private readonly GrowthPlan _plan;
    private readonly IReadOnlyList<GrownTensor> _tensors;
    private readonly SafetensorsEntry[] _entries;

    /// <summary>Reads the source and checks everything that can be checked before writing.</summary>
    /// <exception cref="BadInputException">The source or the options cannot be used, or the disk is too small.</exception>
    public ModelGrower(GrowOptions options)
    {
        _options = options;
        _out = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Out));
        if (File.Exists(_out) || (Directory.Exists(_out) && Directory.EnumerateFileSystemEntries(_out).Any()))
            throw new BadInputException($"--out {options.Out}: exists already. Give a new folder, or delete that one.");
        _config = Qwen2Config.Read(options.Model);
        _plan = GrowthPlan.Make(_config, options);
        _checkpoint = Checkpoint.Open(options.Model);
        _tensors = GrownLayout.Of(_config, _plan);
        CheckShapes();
        _entries = [.. _tensors.Select(Entry)];
        Bytes = _entries.Sum(e => 2 * e.Shape.Aggregate(1L, (a, b) => a * b));
    }

    /// <summary>Payload of the enlarged checkpoint.</summary>
    public long Bytes { get; }

    public long Parameters => Bytes / 2;

    /// <param name="progress">Told the bytes made so far.</param>
    public void Run(Action<long> progress, CancellationToken cancellation)
    {
        string parent = Path.GetDirectoryName(_out) ?? throw new BadInputException($"--out {_options.Out}: a folder below another is expected.");
        Directory.CreateDirectory(parent);
        long free = new DriveInfo(parent).AvailableFreeSpace;
        if (free < Bytes + (Bytes / 50)) throw new BadInputException($"--out {_options.Out}: {Bytes / 1e9:f1} GB are needed and {free / 1e9:f1} GB free. Use another disk or smaller sizes.");

        string partial = $"{_out}.{Guid.NewGuid():n}.partial";
        Directory.CreateDirectory(partial);
        try
        {
            WriteWeights(Path.Combine(partial, "model.safetensors"), progress, cancellation);
            CopyFiles(partial);
            if (Directory.Exists(_out)) Directory.Delete(_out);
            Directory.Move(partial, _out);
        }
        finally
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        }
    }

    private void WriteWeights(string path, Action<long> progress, CancellationToken cancellation)
    {
        using var writer = new SafetensorsWriter(path, _entries, new Dictionary<string, string> { ["format"] = "pt" });
        byte[] block = new byte[Math.Max(BlockBytes, sizeof(ushort) * _entries.Max(e => e.Shape[^1]))];
        long done = 0;
        for (int i = 0; i < _tensors.Count; i++)
        {
            using var grower = new TensorGrower(_tensors[i], _checkpoint, i, _options.Noise, _options.Seed);
            int rowBytes = grower.Columns * sizeof(ushort);
            int rows = Math.Max(1, BlockBytes / rowBytes);
            for (int row = 0; row < grower.Rows; row += rows)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(rows, grower.Rows - row);
                grower.Fill(block, row, count);
                writer.Write(_tensors[i].Name, block.AsSpan(0, count * rowBytes));
                progress(done += (long)count * rowBytes);
            }
        }
        writer.Complete();
    }

    private void CopyFiles(string folder)
    {
        foreach (string name in CopiedFiles.Where(name => File.Exists(Path.Combine(_options.Model, name))))
            File.Copy(Path.Combine(_options.Model, name), Path.Combine(folder, name));
        string source = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_options.Model)));
        File.WriteAllText(Path.Combine(folder, "config.json"), _config.Enlarged(_plan, source, _options.Noise, _options.Seed));
    }

    private SafetensorsEntry Entry(GrownTensor tensor)
    {
        IReadOnlyList<int> shape = _checkpoint.Find(tensor.Source).Shape;
        long columns = (long)shape[^1] * tensor.ColumnCopies;
        return new SafetensorsEntry(tensor.Name, SafetensorsDtype.BF16, shape.Count == 1 ? [columns] : [(long)shape[0] * tensor.RowCopies, columns]);
    }

    /// <summary>The checkpoint must be what its configuration says; a tensor left over would be lost silently.</summary>
    private void CheckShapes()
    {
        (int h, int q, int kv, int i) = (_config.Hidden, _config.Heads * _config.HeadDim, _config.KvHeads * _config.HeadDim, _config.Intermediate);
        foreach (string name in _tensors.Select(t => t.Source).Distinct())
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
            IReadOnlyList<int> shape = _checkpoint.Find(name).Shape;
            if (!shape.SequenceEqual(expected))
                throw new BadInputException($"{_options.Model}: {name} is [{string.Join(", ", shape)}], but config.json makes it [{string.Join(", ", expected)}]. Download the model again.");
        }
        string? unknown = _checkpoint.Names.Except(_tensors.Select(t => t.Source)).FirstOrDefault(n => n != "lm_head.weight" || !_config.Tied);
        if (unknown is not null) throw new BadInputException($"{_options.Model}: unexpected tensor {unknown}. Use a dense Qwen2 model.");
    }
}
