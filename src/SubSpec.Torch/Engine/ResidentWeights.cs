using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Engine;

/// <summary>What stays in the fast tier for good: embedding, head, norms and biases of all layers, and the resident layers' linears.</summary>
internal sealed unsafe class ResidentWeights : IDisposable
{
    // An embedding may be larger than all the rest: several threads read it.
    private const long PieceBytes = 32 << 20;

    private readonly List<NativeBuffer> _buffers = [];
    private readonly List<Action> _reads = [];
    private readonly LayerVectors[] _vectors;
    private readonly WeightMatrix[]?[] _layers;

    /// <param name="residentLayers">Layers whose linears are loaded too.</param>
    /// <param name="loaded">Told the bytes of every piece that has been read, by one thread at a time.</param>
    public ResidentWeights(ITensorSource source, IModelFamily family, ModelConfig config, IReadOnlySet<int> residentLayers, Action<long>? loaded = null)
    {
        _vectors = new LayerVectors[config.Layers];
        _layers = new WeightMatrix[config.Layers][];
        try
        {
            Embedding = Matrix(source, family.Embedding, config.Vocabulary, config.Hidden, Loaded);
            Head = config.TiedHead ? Embedding : Matrix(source, family.Head, config.Vocabulary, config.Hidden, Loaded);
            FinalNorm = Vector(source, family.FinalNorm, config.Hidden);
            for (int layer = 0; layer < config.Layers; layer++)
            {
                LayerTensors names = family.Layer(config, layer);
                _vectors[layer] = ReadVectors(source, names, config);
                if (residentLayers.Contains(layer))
                    _layers[layer] = [.. LayerShapes.Of(config, names).Select(t => Matrix(source, t.Name, t.Out, t.In, Loaded))];
            }
            LoadThreads.Run(_reads.Count, i => _reads[i]());
            _reads.Clear();
        }
        catch
        {
            Dispose();
            throw;
        }

        void Loaded(long bytes)
        {
            lock (_reads) loaded?.Invoke(bytes);
        }
    }

    /// <summary>[vocabulary, hidden].</summary>
    public WeightMatrix Embedding { get; }

    /// <summary>[vocabulary, hidden]; the embedding itself where it is tied.</summary>
    public WeightMatrix Head { get; }

    /// <summary>fp32 [hidden].</summary>
    public float* FinalNorm { get; }

    public ref readonly LayerVectors Vectors(int layer) => ref _vectors[layer];

    /// <summary>The linears of a resident layer; null for an offloaded one.</summary>
    public WeightMatrix[]? Linears(int layer) => _layers[layer];

    public void Dispose()
    {
        foreach (NativeBuffer buffer in _buffers) buffer.Dispose();
        _buffers.Clear();
    }

    private LayerVectors ReadVectors(ITensorSource source, LayerTensors names, ModelConfig config)
    {
        var lengths = LayerShapes.Vectors(config, names).ToDictionary(v => v.Name, v => v.Length);
        float* Read(string? name) => name is null ? null : Vector(source, name, lengths[name]);
        return new LayerVectors
        {
            InputNorm = Read(names.InputNorm),
            PostNorm = Read(names.PostNorm),
            QueryBias = Read(names.QueryBias),
            KeyBias = Read(names.KeyBias),
            ValueBias = Read(names.ValueBias),
            OutputBias = Read(names.OutputBias),
            GateBias = Read(names.GateBias),
            UpBias = Read(names.UpBias),
            DownBias = Read(names.DownBias),
            QueryNorm = Read(names.QueryNorm),
            KeyNorm = Read(names.KeyNorm),
        };
    }

    private WeightMatrix Matrix(ITensorSource source, string name, int rows, int columns, Action<long> loaded)
    {
        TensorInfo tensor = LayerShapes.Check(source.Find(name), rows, columns);
        NativeBuffer buffer = Allocate(tensor.Bytes);
        for (long start = 0; start < tensor.Bytes; start += PieceBytes)
        {
            (long offset, long bytes) = (start, Math.Min(PieceBytes, tensor.Bytes - start));
            _reads.Add(() =>
            {
                source.Read(tensor with { Offset = tensor.Offset + offset, Bytes = bytes }, buffer.Pointer + offset);
                loaded(bytes);
            });
        }
        return new WeightMatrix((nint)buffer.Pointer, tensor.Type, rows, columns);
    }

    private float* Vector(ITensorSource source, string name, int length)
    {
        TensorInfo tensor = LayerShapes.Check(source.Find(name), length);
        NativeBuffer expanded = Allocate(sizeof(float) * (long)length);
        _reads.Add(() =>
        {
            using var raw = new NativeBuffer(tensor.Bytes);
            source.Read(tensor, raw.Pointer);
            WeightRows.Widen(raw.Pointer, tensor.Type, expanded.Floats, length);
        });
        return expanded.Floats;
    }

    private NativeBuffer Allocate(long bytes)
    {
        var buffer = new NativeBuffer(bytes);
        _buffers.Add(buffer);
        return buffer;
    }
}
