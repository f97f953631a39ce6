using System.Text.Json;
using SubSpec.Core;
using SubSpec.Torch.Models;
using SubSpec.Torch.Safetensors;

namespace SubSpec.RandomModel;

/// <summary>Writes the folder of a random model, a block of rows at a time. It appears whole or not at all.</summary>
internal sealed class RandomModelWriter
{
    private const int BlockBytes = 16 << 20;

    private readonly RandomModelOptions _options;
    private readonly string _out;
    private readonly RandomConfig _config;
    private readonly RandomTensor[] _tensors;

    /// <summary>Checks everything that can be checked before writing.</summary>
    /// <exception cref="BadInputException">The options cannot be used.</exception>
    public RandomModelWriter(RandomModelOptions options)
    {
        _options = options;
        _out = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Out));
        if (File.Exists(_out) || (Directory.Exists(_out) && Directory.EnumerateFileSystemEntries(_out).Any()))
            throw new BadInputException($"--out {options.Out}: exists already. Give a new folder, or delete that one.");
        _config = RandomConfig.Make(options);
        _tensors = [.. LayerShapes.All(_config.Family, _config.Model).Select((t, i) => new RandomTensor(t.Name, t.Shape, DtypeOf(t.Name), i, options.Seed))];
        if (options.Shards > _tensors.Length) throw new BadInputException($"--shards {options.Shards}: the model has {_tensors.Length} tensors.");
        Bytes = _tensors.Sum(BytesOf);
        Parameters = _tensors.Sum(t => (long)t.Rows * t.Columns);
    }

    /// <summary>Payload of the checkpoint.</summary>
    public long Bytes { get; }

    public long Parameters { get; }

    /// <summary>The demo's tokenizer fits and goes with the model.</summary>
    public bool HasTokenizer => _config.Model.Vocabulary >= DemoTokenizer.Tokens;

    /// <param name="progress">Told the bytes written so far.</param>
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
            WriteWeights(partial, progress, cancellation);
            File.WriteAllText(Path.Combine(partial, "config.json"), _config.Json);
            if (HasTokenizer) DemoTokenizer.CopyTo(partial);
            if (Directory.Exists(_out)) Directory.Delete(_out);
            Directory.Move(partial, _out);
        }
        finally
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        }
    }

    private void WriteWeights(string folder, Action<long> progress, CancellationToken cancellation)
    {
        RandomTensor[][] shards = Shards();
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        byte[] block = new byte[Math.Max(BlockBytes, _tensors.Max(t => t.RowBytes))];
        long done = 0;
        for (int i = 0; i < shards.Length; i++)
        {
            string file = shards.Length == 1 ? "model.safetensors" : $"model-{i + 1:d5}-of-{shards.Length:d5}.safetensors";
            using var writer = new SafetensorsWriter(
                Path.Combine(folder, file), [.. shards[i].Select(t => t.Entry)], new Dictionary<string, string> { ["format"] = "pt" });
            foreach (RandomTensor tensor in shards[i])
            {
                files[tensor.Name] = file;
                int rows = Math.Max(1, BlockBytes / tensor.RowBytes);
                for (int row = 0; row < tensor.Rows; row += rows)
                {
                    cancellation.ThrowIfCancellationRequested();
                    int count = Math.Min(rows, tensor.Rows - row);
                    tensor.Fill(block, row, count);
                    writer.Write(tensor.Name, block.AsSpan(0, count * tensor.RowBytes));
                    progress(done += (long)count * tensor.RowBytes);
                }
            }
            writer.Complete();
        }
        if (shards.Length == 1) return;
        var index = new { metadata = new { total_size = Bytes }, weight_map = files };
        File.WriteAllText(Path.Combine(folder, SafetensorsIndex.FileName), JsonSerializer.Serialize(index, new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    /// <summary>The tensors in their order, cut where each shard has its share of the bytes, and at least one tensor.</summary>
    private RandomTensor[][] Shards()
    {
        var shards = new List<List<RandomTensor>> { new() };
        long bytes = 0;
        for (int i = 0; i < _tensors.Length; i++)
        {
            int left = _options.Shards - shards.Count;
            bool full = bytes >= Bytes / _options.Shards * shards.Count || _tensors.Length - i == left;
            if (left > 0 && full && shards[^1].Count > 0) shards.Add([]);
            shards[^1].Add(_tensors[i]);
            bytes += BytesOf(_tensors[i]);
        }
        return [.. shards.Select(s => s.ToArray())];
    }

    private SafetensorsDtype DtypeOf(string name) =>
        _options.PartDtypes.Where(p => name.Contains(p.Part, StringComparison.Ordinal)).Select(p => p.Dtype).LastOrDefault(_options.Dtype);

    private static long BytesOf(RandomTensor tensor) => (long)tensor.Rows * tensor.RowBytes;
}
