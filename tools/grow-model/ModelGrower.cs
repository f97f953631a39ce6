using SubSpec.Core;
using SubSpec.Torch.Safetensors;

namespace SubSpec.GrowModel;

/// <summary>Makes the folder of the enlarged model. It appears whole or not at all.</summary>
internal sealed class ModelGrower
{
    private const int BlockBytes = 16 << 20;

    private readonly GrownModel _model;
    private readonly string _out;

    /// <summary>Reads the source and checks everything that can be checked before writing.</summary>
    /// <exception cref="BadInputException">The source or the options cannot be used, or the disk is too small.</exception>
    public ModelGrower(GrowOptions options)
    {
        _out = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Out));
        if (File.Exists(_out) || (Directory.Exists(_out) && Directory.EnumerateFileSystemEntries(_out).Any()))
            throw new BadInputException($"--out {options.Out}: exists already. Give a new folder, or delete that one.");
        _model = new GrownModel(options);
    }

    /// <summary>Payload of the enlarged checkpoint.</summary>
    public long Bytes => _model.Bytes;

    public long Parameters => Bytes / 2;

    /// <param name="progress">Told the bytes made so far.</param>
    public void Run(Action<long> progress, CancellationToken cancellation)
    {
        string parent = Path.GetDirectoryName(_out) ?? throw new BadInputException($"--out {_model.Options.Out}: a folder below another is expected.");
        Directory.CreateDirectory(parent);
        long free = new DriveInfo(parent).AvailableFreeSpace;
        if (free < Bytes + (Bytes / 50)) throw new BadInputException($"--out {_model.Options.Out}: {Bytes / 1e9:f1} GB are needed and {free / 1e9:f1} GB free. Use another disk or smaller sizes.");

        string partial = $"{_out}.{Guid.NewGuid():n}.partial";
        Directory.CreateDirectory(partial);
        try
        {
            WriteWeights(Path.Combine(partial, "model.safetensors"), progress, cancellation);
            _model.WriteFiles(partial);
            if (Directory.Exists(_out)) Directory.Delete(_out);
            Directory.Move(partial, _out);
        }
        finally
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        }
    }

    private unsafe void WriteWeights(string path, Action<long> progress, CancellationToken cancellation)
    {
        using var writer = new SafetensorsWriter(path, _model.Entries, new Dictionary<string, string> { ["format"] = "pt" });
        byte[] block = new byte[BlockBytes];
        long done = 0;
        for (int i = 0; i < _model.Tensors.Count; i++)
        {
            TensorGrower grower = _model.Grower(i, new SourceTensor(_model.Source, _model.Tensors[i].Source));
            long rows = Math.Max(1, BlockBytes / grower.RowBytes), piece = Math.Min(BlockBytes, rows * grower.RowBytes);
            for (long offset = 0; offset < grower.Bytes; offset += piece)
            {
                cancellation.ThrowIfCancellationRequested();
                int bytes = (int)Math.Min(piece, grower.Bytes - offset);
                fixed (byte* start = block) grower.Fill(start, offset, bytes);
                writer.Write(_model.Tensors[i].Name, block.AsSpan(0, bytes));
                progress(done += bytes);
            }
        }
        writer.Complete();
    }
}
