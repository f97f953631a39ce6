using SubSpec.Torch.Engine;
using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Ops.Attentions;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// What the device must know of a batch: tokens, slots, rotations, the slots that its rows attend to (each once, as columns) and which row sees which
/// column. Written on the host and copied in one piece.
/// </summary>
internal sealed unsafe class DeviceBatch : IDisposable
{
    private const ushort Hidden = 0xFF80; // -infinity in bf16

    private readonly ICudaRuntime _cuda;
    private readonly TorchApi _api;
    private readonly DeviceShape _shape;
    private readonly RopeTable _rope;
    private readonly PinnedBuffer _host;
    private readonly nint _device;
    private readonly nint _uploaded;
    private readonly int[] _columnOf;
    private readonly int _smallest;
    private readonly int _most;
    private readonly List<Tensor> _views = [];
    private long _used;

    /// <param name="slots">Of the KV cache; the one behind them receives what padding rows write.</param>
    /// <param name="smallest">Rows of the smallest bucket.</param>
    /// <param name="most">Rows of the largest.</param>
    public DeviceBatch(ICudaRuntime cuda, TorchApi api, DeviceArena arena, DeviceShape shape, RopeTable rope, int slots, int smallest, int most)
    {
        (_cuda, _api, _shape, _rope, _smallest, _most) = (cuda, api, shape, rope, smallest, most);
        long bytes = BytesFor(shape, slots, smallest, most);
        _columnOf = new int[slots + 1];
        _device = arena.Take(bytes);
        _host = new PinnedBuffer(cuda, bytes);
        try
        {
            _uploaded = cuda.CreateEvent();
        }
        catch
        {
            _host.Dispose();
            throw;
        }
    }

    /// <summary>Rows, padding included.</summary>
    public int Rows { get; private set; }

    /// <summary>Slots that are attended to, padding included.</summary>
    public int Columns { get; private set; }

    /// <summary>int64 [rows].</summary>
    public Tensor Tokens { get; private set; } = null!;

    /// <summary>int64 [rows].</summary>
    public Tensor Slots { get; private set; } = null!;

    /// <summary>int64 [columns].</summary>
    public Tensor Attended { get; private set; } = null!;

    /// <summary>bf16 [kvHeads, headsPerGroup, rows, columns], the same for all heads: 0 or -infinity.</summary>
    public Tensor Mask { get; private set; } = null!;

    /// <summary>
    /// fp32 [rows, heads of q and k, 2, 2, headDim / 2], the same for all heads: what each half of a head gives to each half of the rotated one, which are
    /// cosine, sine; negated sine, cosine.
    /// </summary>
    public Tensor Rotation { get; private set; } = null!;

    /// <summary>Bytes on the device, and as many on the host.</summary>
    public static long BytesFor(DeviceShape shape, int slots, int smallest, int most)
    {
        long rows = DeviceShape.Bucket(most, smallest, most), columns = DeviceShape.Columns(slots + 1);
        return 2 * DeviceArena.Rounded(rows * sizeof(long)) + DeviceArena.Rounded(columns * sizeof(long)) + DeviceArena.Rounded(rows * columns * sizeof(ushort))
            + DeviceArena.Rounded(rows * 2 * shape.Config.HeadDim * sizeof(float));
    }

    /// <summary>Takes a batch over, on the compute thread.</summary>
    public void Load(RowBatch batch)
    {
        // The device may still be reading what was written last.
        _cuda.Wait(_uploaded);
        FreeViews();
        _used = 0;
        Rows = DeviceShape.Bucket(batch.Count, _smallest, _most);
        int dummy = _columnOf.Length - 1, padding = Rows - batch.Count;
        long* tokens = (long*)Take(Rows * sizeof(long), out nint tokensAt), slots = (long*)Take(Rows * sizeof(long), out nint slotsAt);
        for (int row = 0; row < Rows; row++) (tokens[row], slots[row]) = row < batch.Count ? (batch.Tokens[row], batch.Slots[row]) : (0, dummy);

        int columns = NumberColumns(batch.Lists);
        Columns = DeviceShape.Columns(columns);
        long* attended = (long*)Take(Columns * sizeof(long), out nint attendedAt);
        ushort* mask = (ushort*)Take((long)Rows * Columns * sizeof(ushort), out nint maskAt);
        WriteColumns(batch.Lists, attended, mask, columns);
        // A row that sees nothing would be NaN; what padding rows compute goes nowhere.
        for (int row = Rows - padding; row < Rows; row++) mask[(long)row * Columns] = 0;

        WriteRotations(batch, out nint rotationAt);
        View(tokensAt, slotsAt, attendedAt, maskAt, rotationAt);
        _cuda.CopyAsync(_device, (nint)_host.Pointer, _used, 0);
        _cuda.Record(_uploaded, 0);
    }

    public void Dispose()
    {
        FreeViews();
        Quietly.Run(() => _cuda.Synchronize(0));
        Quietly.Run(() => _cuda.DestroyEvent(_uploaded));
        Quietly.Dispose(_host);
    }

    /// <summary>Gives each slot that a row attends to a column, in the order of positions where one sequence is concerned; their number.</summary>
    private int NumberColumns(ReadOnlySpan<AttentionRow> lists)
    {
        Array.Fill(_columnOf, -1);
        int columns = 0;
        foreach (AttentionRow list in lists) Number(list.ContextSlots, list.ContextCount);
        foreach (AttentionRow list in lists) Number(list.PathSlots, list.PathCount);
        return columns;

        void Number(int* slots, int count)
        {
            for (int i = 0; i < count; i++)
                if (_columnOf[slots[i]] < 0) _columnOf[slots[i]] = columns++;
        }
    }

    private void WriteColumns(ReadOnlySpan<AttentionRow> lists, long* attended, ushort* mask, int columns)
    {
        new Span<ushort>(mask, Rows * Columns).Fill(Hidden);
        for (int slot = 0; slot < _columnOf.Length; slot++)
            if (_columnOf[slot] >= 0) attended[_columnOf[slot]] = slot;
        // Nobody sees these; they must hold numbers.
        for (int column = columns; column < Columns; column++) attended[column] = columns > 0 ? attended[0] : _columnOf.Length - 1;
        for (int row = 0; row < lists.Length; row++)
        {
            ushort* seen = mask + (long)row * Columns;
            Show(lists[row].ContextSlots, lists[row].ContextCount, seen);
            Show(lists[row].PathSlots, lists[row].PathCount, seen);
        }
    }

    private void Show(int* slots, int count, ushort* seen)
    {
        for (int i = 0; i < count; i++) seen[_columnOf[slots[i]]] = 0;
    }

    private void WriteRotations(RowBatch batch, out nint rotationAt)
    {
        int pairs = _shape.Config.HeadDim / 2;
        float* to = (float*)Take((long)Rows * 4 * pairs * sizeof(float), out rotationAt);
        for (int row = 0; row < Rows; row++, to += 4 * pairs)
        {
            int position = row < batch.Count ? batch.Positions[row] : 0;
            float* cosine = _rope.Cosines(position), sine = _rope.Sines(position);
            for (int i = 0; i < pairs; i++) (to[i], to[pairs + i], to[2 * pairs + i], to[3 * pairs + i]) = (cosine[i], sine[i], -sine[i], cosine[i]);
        }
    }

    private void View(nint tokensAt, nint slotsAt, nint attendedAt, nint maskAt, nint rotationAt)
    {
        int pairs = _shape.Config.HeadDim / 2;
        Tokens = Keep(tokensAt, TorchDtype.Int64, [Rows], [1]);
        Slots = Keep(slotsAt, TorchDtype.Int64, [Rows], [1]);
        Attended = Keep(attendedAt, TorchDtype.Int64, [Columns], [1]);
        Mask = Keep(maskAt, TorchDtype.BFloat16, [_shape.Config.KvHeads, _shape.HeadsPerGroup, Rows, Columns], [0, 0, Columns, 1]);
        Rotation = Keep(rotationAt, TorchDtype.Float32, [Rows, _shape.RotatedHeads, 2, 2, pairs], [4 * pairs, 0, 2 * pairs, pairs, 1]);
    }

    private Tensor Keep(nint data, TorchDtype dtype, ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides)
    {
        Tensor view = _api.View(data, dtype, sizes, strides);
        _views.Add(view);
        return view;
    }

    private byte* Take(long bytes, out nint deviceAt)
    {
        byte* host = _host.Pointer + _used;
        deviceAt = _device + (nint)_used;
        _used += DeviceArena.Rounded(bytes);
        return host;
    }

    private void FreeViews()
    {
        foreach (Tensor view in _views) view.Dispose();
        _views.Clear();
    }
}
