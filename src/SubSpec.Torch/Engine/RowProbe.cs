using System.Runtime.InteropServices;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Torch.Kv;

namespace SubSpec.Torch.Engine;

/// <summary>
/// The start-up probe of lossless decoding: the first layer of the loaded model over many row counts, by the rows, the weights and the memory of the
/// passes to come. A row's residual stream must have the same bits alone and in any batch.
/// </summary>
internal sealed unsafe class RowProbe
{
    private const int Layer = 0;

    // Rows of two sequences, in turn: beside others a row's context and its own slot are other columns than alone.
    private const int LongContext = 80;
    private const int ShortContext = 16;

    private readonly IModelRows _rows;
    private readonly KvSlots _kv;
    private readonly KvLease[] _contexts;
    private readonly int _vocabulary;
    private readonly int _hidden;
    private readonly int _slot;
    private readonly int _firstOwn;
    private readonly int _kinds;

    /// <param name="rows">The target's.</param>
    /// <param name="kv">Their cache, which nobody has written to.</param>
    /// <param name="slot">Ring slot that holds the first layer; -1 where it is resident.</param>
    public RowProbe(EngineBlueprint blueprint, IModelRows rows, KvSlots kv, int slot)
    {
        (_rows, _kv, _slot) = (rows, kv, slot);
        (_vocabulary, _hidden) = (blueprint.Model.Config.Vocabulary, blueprint.Model.Config.Hidden);
        int most = Math.Min(kv.SlotCount / 4, blueprint.Shape.Context - 1), first = Math.Min(LongContext, most), second = Math.Min(ShortContext, most);
        _contexts = [new KvLease(new SequenceId(0), 1, [.. Enumerable.Range(0, first)]), new KvLease(new SequenceId(1), 2, [.. Enumerable.Range(first, second)])];
        _firstOwn = first + second;
        _kinds = Math.Min(rows.Batch.MaxRows, kv.SlotCount - _firstOwn);
    }

    /// <summary>Row counts that are tried on every device, those of the passes to come among them.</summary>
    public static int[] RowCounts(int passRows) => [.. new[] { 1, 2, 3, 5, 17, 64, 257, passRows }.Where(n => n <= passRows).Distinct()];

    /// <summary>Probes the first layer where passes will find it: in a ring slot when it is offloaded. Nobody else uses the link yet.</summary>
    public static bool Holds(EngineBlueprint blueprint, IModelRows rows, KvSlots kv, IWeightLink link, IEnumerable<int> counts, CancellationToken cancel) =>
        new RowProbe(blueprint, rows, kv, link.OffloadedLayers.Contains(Layer) ? Fetch(link, cancel) : -1).Holds(counts, cancel);

    /// <summary>True when every row of every batch has the bits that it has alone. The cache is as free afterwards as it was.</summary>
    /// <param name="cancel">Ends the probe between two batches.</param>
    public bool Holds(IEnumerable<int> counts, CancellationToken cancel)
    {
        foreach (KvLease context in _contexts) Write(context);
        var alone = new Dictionary<int, float[]>();
        bool holds = counts.All(count =>
        {
            cancel.ThrowIfCancellationRequested();
            return AreAsAlone(count, alone);
        });
        for (int slot = 0; slot < _firstOwn + _kinds; slot++) _kv.Free(slot);
        return holds;
    }

    private bool AreAsAlone(int count, Dictionary<int, float[]> alone)
    {
        Run(Enumerable.Range(0, count));
        (int Row, float[] Bits)[] batch = [.. Sampled(count).Select(row => (row, Residual(row)))];
        foreach ((int row, float[] together) in batch)
        {
            if (!alone.TryGetValue(row, out float[]? expected))
            {
                Run([row]);
                alone[row] = expected = Residual(0);
            }
            if (!MemoryMarshal.AsBytes<float>(expected).SequenceEqual(MemoryMarshal.AsBytes<float>(together))) return false;
        }
        return true;
    }

    /// <summary>First, middle and last rows of a batch: full tiles and remainders of the kernels.</summary>
    private static IEnumerable<int> Sampled(int count) => new[] { 0, 1, 2, count / 2, count - 2, count - 1 }.Where(r => r >= 0 && r < count).Distinct();

    /// <summary>Writes K and V of a context.</summary>
    private void Write(KvLease context)
    {
        for (int start = 0; start < context.Capacity; start += _rows.Batch.MaxRows)
        {
            _rows.Batch.Clear();
            int* slots = _rows.Batch.AddContext(context);
            for (int position = start; position < Math.Min(context.Capacity, start + _rows.Batch.MaxRows); position++)
                _rows.Batch.AddChainRow(TokenOf(slots[position]), position, slots, SamplingOptions.Greedy);
            Forward();
        }
    }

    /// <summary>Every row is the one tree node behind its context. Rows that find no slot of their own are the same as others, and share theirs.</summary>
    private void Run(IEnumerable<int> rows)
    {
        _rows.Batch.Clear();
        int* first = _rows.Batch.AddContext(_contexts[0]), second = _rows.Batch.AddContext(_contexts[1]);
        foreach (int kind in rows.Select(row => row % _kinds))
            _rows.Batch.AddTreeRow(TokenOf(_firstOwn + kind), _contexts[kind % 2].Capacity, kind % 2 == 0 ? first : second, [_firstOwn + kind], SamplingOptions.Greedy);
        Forward();
    }

    private void Forward()
    {
        _rows.Embed();
        _rows.RunLayer(Layer, _slot);
    }

    private float[] Residual(int row)
    {
        float[] residual = new float[_hidden];
        _rows.CopyResidual(row, residual);
        return residual;
    }

    /// <summary>Any token, another one for nearly every slot.</summary>
    private int TokenOf(int slot) => (int)(7919L * (slot + 1) % _vocabulary);

    private static int Fetch(IWeightLink link, CancellationToken cancel)
    {
        using var done = new ManualResetEventSlim();
        using CancellationTokenRegistration cut = cancel.Register(link.CancelReads);
        Exception? error = null;
        link.BeginRead(Layer, 0, read =>
        {
            error = read.Error;
            done.Set();
        });
        // The read ends early where it is cancelled, but it always ends: until then its slot is written.
        done.Wait(CancellationToken.None);
        cancel.ThrowIfCancellationRequested();
        return error is null ? 0 : throw error;
    }
}
