using SubSpec.Core.Sampling;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>The rows of the <c>cuda</c> device. Target and draft differ in the linears of a layer, and in how many rows they are made for.</summary>
internal sealed unsafe class DeviceRows : IModelRows, IDisposable
{
    private readonly DeviceModel _model;
    private readonly IDeviceLinearsOfLayer _linears;
    private readonly DeviceBatch _device;
    private readonly RowMemory _memory;
    private readonly Dictionary<int, RowBuffers> _buffers = [];
    private readonly int _headChunk;
    private Tensor? _residual;

    /// <param name="smallest">Rows of the smallest bucket.</param>
    /// <param name="most">Most rows.</param>
    public DeviceRows(DeviceModel model, RowBatch batch, IDeviceLinearsOfLayer linears, int smallest, int most)
    {
        (_model, Batch, _linears) = (model, batch, linears);
        _headChunk = DeviceShape.HeadChunk(smallest);
        _memory = new RowMemory(model.Arena, model.Shape, DeviceShape.Bucket(most, smallest, most), _headChunk);
        foreach ((nint memory, long bytes) in _memory.Padded) model.Clear(memory, bytes);
        _device = new DeviceBatch(model.Cuda, model.Ops.Api, model.Arena, model.Shape, model.Rope, model.Kv.SlotCount, smallest, most);
    }

    public RowBatch Batch { get; }

    public int HeadRows => Batch.MaxRows;

    private RowBuffers Buffers => _buffers.TryGetValue(_device.Rows, out RowBuffers? buffers) ? buffers : _buffers[_device.Rows] = new RowBuffers(_model.Ops.Api, _memory, _model.Shape, _device.Rows);

    /// <summary>Bytes for so many rows.</summary>
    public static long BytesFor(DeviceShape shape, int slots, int smallest, int most) =>
        RowMemory.BytesFor(shape, DeviceShape.Bucket(most, smallest, most), DeviceShape.HeadChunk(smallest)) + DeviceArena.Rounded(DeviceBatch.BytesFor(shape, slots, smallest, most));

    public void Embed()
    {
        Forget();
        _device.Load(Batch);
        _model.Ops.Select(Buffers.Delta, _model.Weights.Embedding, _device.Tokens);
        _model.Ops.Api.Copy(Buffers.Residual, Buffers.Delta);
    }

    public void RunLayer(int layer, int slot)
    {
        Tensor residual = _model.Layer.Forward(layer, _linears.Of(layer, slot), _model.Weights.Layers[layer], _device, Buffers, _residual ?? Buffers.Residual);
        Forget();
        _residual = residual;
        _linears.Done(slot);
    }

    public void Remove(int start, int count)
    {
        Settle();
        Batch.Remove(start, count);
        if (Batch.Count == 0) return;
        long rowBytes = sizeof(float) * (long)_model.Shape.Config.Hidden;
        for (int row = start; row < Batch.Count; row++)
            _model.Cuda.CopyAsync(_memory.Residual + (nint)(row * rowBytes), _memory.Residual + (nint)((row + count) * rowBytes), rowBytes, 0);
        _device.Load(Batch);
    }

    public void CopyResidual(int row, Span<float> to)
    {
        Settle();
        long rowBytes = sizeof(float) * (long)to.Length;
        fixed (float* host = to) DeviceCopies.Download(_model.Cuda, host, _memory.Residual + (nint)(row * rowBytes), rowBytes);
    }

    public void Head(int start, int count)
    {
        Settle();
        _model.Head.Forward(_memory.Residual + (nint)(sizeof(float) * (long)start * _model.Shape.Config.Hidden), Batch, start, count, _headChunk);
    }

    public bool TryShortlist(int row, out LogitShortlist list)
    {
        list = _model.Head.Shortlist(row);
        return true;
    }

    public ReadOnlySpan<float> Logits(int row) => _model.Head.Logits(row);

    public void Dispose()
    {
        Forget();
        foreach (RowBuffers buffers in _buffers.Values) buffers.Dispose();
        _device.Dispose();
    }

    /// <summary>Puts the residual stream where its rows can be told apart: the last layer left it where its sum was made.</summary>
    private void Settle()
    {
        if (_residual is null) return;
        _model.Ops.Api.Copy(Buffers.Residual, _residual);
        Forget();
    }

    private void Forget()
    {
        _residual?.Dispose();
        _residual = null;
    }
}
