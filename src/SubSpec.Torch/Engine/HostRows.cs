using SubSpec.Core.Sampling;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Engine;

/// <summary>The rows of the <c>cpu</c> device. Target and draft differ in the linears of a layer only.</summary>
internal sealed unsafe class HostRows(HostParts parts, RowBatch batch, Activations activations, ILinearsOfLayer linears) : IModelRows
{
    public RowBatch Batch => batch;

    public int HeadRows => parts.Head.MaxRows;

    public void Embed() => Embedding.Gather(parts.Weights.Embedding, batch.Tokens.AsSpan(0, batch.Count), activations.Residual);

    public void RunLayer(int layer, int slot)
    {
        ref readonly LayerVectors vectors = ref parts.Weights.Vectors(layer);
        parts.Layer.Forward(layer, linears.Of(layer, slot), vectors, batch, activations);
    }

    public void Remove(int start, int count)
    {
        batch.Remove(start, count);
        int width = parts.Config.Hidden;
        float* hole = activations.Residual + (long)start * width;
        long bytes = sizeof(float) * (long)width * (batch.Count - start);
        Buffer.MemoryCopy(hole + (long)count * width, hole, bytes, bytes);
    }

    public void CopyResidual(int row, Span<float> to) => new ReadOnlySpan<float>(activations.Residual + (long)row * to.Length, to.Length).CopyTo(to);

    public void Head(int start, int count) => parts.Head.Forward(activations.Residual + (long)start * parts.Config.Hidden, count);

    public bool TryShortlist(int row, out LogitShortlist list)
    {
        list = default;
        return false;
    }

    public ReadOnlySpan<float> Logits(int row) => parts.Head.Logits(row);
}
