using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Native;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Ops.Attentions;
using SubSpec.Torch.Ops.Linears;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Engine;

/// <summary>All scratch memory of an engine and the operations that own it, allocated once.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public Scratch(ModelConfig config, EngineOptions options, EngineShape shape)
    {
        try
        {
            (int slots, int threads, int widest) = (shape.KvSlots, shape.Threads, Widest(config));
            int positions = shape.Context + options.TreeRows;
            Linear = Own(new Linear(threads, options.PassRows, widest, shape.Bf16Units && Brgemm.Loaded is { IsFast: true } units ? new BrgemmKernel(units) : null));
            Quantized = Own(new QuantizedLinear(options.DraftRows, widest));
            Rope = new Rope(Own(new RopeTable(config.InverseFrequencies, positions)));
            Attention = Own(new Attention(ShapeOf(config), threads, options.PassRows, positions));
            HeadNormed = Own(new NativeBuffer(sizeof(float) * (long)EngineBlueprint.HeadRows * config.Hidden));
            Logits = Own(new NativeBuffer(sizeof(float) * (long)EngineBlueprint.HeadRows * config.Vocabulary));
            DraftSum = Own(new NativeBuffer(sizeof(float) * (long)options.DraftRows * config.Hidden));
            TargetRows = Own(new RowBatch(options.PassRows, slots, options.TreeRows));
            DraftRows = Own(new RowBatch(options.DraftRows, slots, options.TreeRows));
            TargetActivations = Own(new Activations(config, options.PassRows));
            DraftActivations = Own(new Activations(config, options.DraftRows));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Linear Linear { get; }

    public QuantizedLinear Quantized { get; }

    public Rope Rope { get; }

    public Attention Attention { get; }

    /// <summary>[HeadRows, hidden].</summary>
    public NativeBuffer HeadNormed { get; }

    /// <summary>[HeadRows, vocabulary].</summary>
    public NativeBuffer Logits { get; }

    /// <summary>[DraftRows, hidden].</summary>
    public NativeBuffer DraftSum { get; }

    public RowBatch TargetRows { get; }

    public RowBatch DraftRows { get; }

    public Activations TargetActivations { get; }

    public Activations DraftActivations { get; }

    /// <summary>Bytes that the constructor allocates.</summary>
    public static long BytesFor(ModelConfig config, EngineOptions options, EngineShape shape)
    {
        (int slots, int threads, int widest) = (shape.KvSlots, shape.Threads, Widest(config));
        int positions = shape.Context + options.TreeRows;
        return Linear.BytesFor(threads, options.PassRows, widest, shape.Bf16Units) +
            QuantizedLinear.BytesFor(options.DraftRows, widest) +
            RopeTable.BytesFor(config.InverseFrequencies.Length, positions) +
            Attention.BytesFor(ShapeOf(config), threads, options.PassRows, positions) +
            NativeBuffer.Rounded(sizeof(float) * (long)EngineBlueprint.HeadRows * config.Hidden) +
            NativeBuffer.Rounded(sizeof(float) * (long)EngineBlueprint.HeadRows * config.Vocabulary) +
            NativeBuffer.Rounded(sizeof(float) * (long)options.DraftRows * config.Hidden) +
            RowBatch.BytesFor(options.PassRows, slots, options.TreeRows) +
            RowBatch.BytesFor(options.DraftRows, slots, options.TreeRows) +
            NativeBuffer.Rounded(Activations.BytesFor(config, options.PassRows)) +
            NativeBuffer.Rounded(Activations.BytesFor(config, options.DraftRows));
    }

    public void Dispose()
    {
        foreach (IDisposable part in _owned) part.Dispose();
    }

    private static AttentionShape ShapeOf(ModelConfig config) => new(config.Heads, config.KvHeads, config.HeadDim);

    private static int Widest(ModelConfig config) => Math.Max(Math.Max(config.Hidden, config.Intermediate), config.QueryWidth);

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }
}
