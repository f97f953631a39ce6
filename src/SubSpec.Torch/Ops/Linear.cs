using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Ops;

/// <summary>
/// Products of fp32 rows with weights that stay as they are stored (bf16, fp16 or fp32), accumulated in fp32. Every element of a
/// result has one accumulation order, whatever the number of rows, the threads and the neighbours: a row's bits never depend on
/// its batch. One thread calls it at a time. Where the processor has fast bf16 units, whole calls of bf16 weights go to them.
/// </summary>
internal sealed unsafe class Linear : TeamTask, IDisposable
{
    /// <summary>Products of one call at most.</summary>
    public const int MaxCalls = 8;

    private const int PackInParallelFrom = 32 * 1024;
    private const int SharesPerWorker = 8;

    private readonly int _threads;
    private readonly int _maxRows;
    private readonly int _maxInputs;
    private readonly LinearKernel[] _kernels;
    private readonly BrgemmKernel? _brgemm;
    private readonly int _lanes;
    private readonly int _scratchFloats;
    private readonly NativeBuffer _packed;
    private readonly NativeBuffer _scratch;
    private readonly LinearCall[] _calls = new LinearCall[MaxCalls];
    private readonly int[] _shareOuts = new int[MaxCalls];
    private readonly int[] _shareEnds = new int[MaxCalls];
    private int _callCount;
    private bool _packing;
    private bool _useBrgemm;
    private float* _x;
    private int _rows;
    private int _inputs;
    private int _nextShare;

    /// <param name="threads">Threads of the teams that will run it, at most.</param>
    /// <param name="maxRows">Rows of a call, at most.</param>
    /// <param name="maxInputs">Input features, at most.</param>
    /// <param name="brgemm">The processor's bf16 units; null where they are not to be used.</param>
    public Linear(int threads, int maxRows, int maxInputs, BrgemmKernel? brgemm)
        : this(threads, maxRows, maxInputs, LinearKernel.Create(), brgemm)
    {
    }

    internal Linear(int threads, int maxRows, int maxInputs, LinearKernel[] kernels, BrgemmKernel? brgemm)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInputs, 1);
        _threads = threads;
        _maxRows = maxRows;
        _maxInputs = maxInputs;
        _kernels = kernels;
        _brgemm = brgemm;
        _lanes = kernels[0].Lanes;
        _scratchFloats = ScratchFloats(kernels, maxRows, brgemm is not null);
        _packed = new NativeBuffer(PackedBytes(maxRows, maxInputs, _lanes));
        _scratch = new NativeBuffer((long)threads * _scratchFloats * sizeof(float));
    }

    /// <summary>Native memory of an instance.</summary>
    public static long BytesFor(int threads, int maxRows, int maxInputs, bool brgemm)
    {
        LinearKernel[] kernels = LinearKernel.Create();
        return NativeBuffer.Rounded(PackedBytes(maxRows, maxInputs, kernels[0].Lanes)) +
            NativeBuffer.Rounded((long)threads * ScratchFloats(kernels, maxRows, brgemm) * sizeof(float));
    }

    /// <summary>y = x W^T + bias.</summary>
    /// <param name="bias">fp32 [out], or null.</param>
    /// <param name="x">fp32 [rows, in]; where all weights of the call are bf16, already rounded to bf16.</param>
    /// <param name="y">fp32 [rows, out].</param>
    public void Forward(ComputeTeam team, in WeightMatrix w, float* bias, float* x, float* y, int rows) =>
        Forward(team, [new LinearCall(w, bias, y)], x, rows);

    /// <summary>y += x W^T + bias: the residual connection.</summary>
    public void ForwardAdd(ComputeTeam team, in WeightMatrix w, float* bias, float* x, float* y, int rows) =>
        Forward(team, [new LinearCall(w, bias, y, add: true)], x, rows);

    /// <summary>Several products of the same rows (q, k, v; gate, up) in one round of the team. All have the same input features.</summary>
    public void Forward(ComputeTeam team, ReadOnlySpan<LinearCall> calls, float* x, int rows)
    {
        if (calls.IsEmpty || rows == 0) return;
        Check(team, calls, rows);
        _rows = rows;
        _inputs = calls[0].Weight.In;
        _x = x;
        _callCount = calls.Length;
        calls.CopyTo(_calls);
        _useBrgemm = _brgemm is not null && AllFit(calls);
        int shares = 0, block = _useBrgemm ? BrgemmKernel.BlockOuts : LinearKernel.BlockOuts;
        for (int i = 0; i < calls.Length; i++)
        {
            int outs = calls[i].Weight.Out, blocks = outs / (team.Threads * SharesPerWorker * block);
            _shareOuts[i] = Math.Clamp(blocks, 1, 8) * block;
            _shareEnds[i] = shares += (outs + _shareOuts[i] - 1) / _shareOuts[i];
        }
        if ((long)rows * _inputs < PackInParallelFrom)
        {
            Pack(0, 1);
        }
        else
        {
            _packing = true;
            team.Run(this);
        }
        _packing = false;
        _nextShare = 0;
        team.Run(this);
    }

    public override void Run(int worker, int workers)
    {
        if (_packing) Pack(worker, workers);
        else Multiply(_scratch.Floats + (nint)worker * _scratchFloats);
    }

    public void Dispose()
    {
        _packed.Dispose();
        _scratch.Dispose();
    }

    private void Pack(int worker, int workers)
    {
        if (_useBrgemm)
        {
            (int first, int last) = Share(_inputs, worker, workers, 2);
            BrgemmKernel.Pack(_x, _rows, _inputs, first, last, (uint*)_packed.Pointer);
            return;
        }
        const int tileRows = PackedRows.TileRows;
        nint stride = PackedRows.TileStride(_inputs, _lanes);
        (int start, int end) = Share(_rows, worker, workers, tileRows);
        for (int row = start; row < end; row += tileRows)
            PackedRows.PackTile(_x + (nint)row * _inputs, Math.Min(tileRows, end - row), _inputs, _lanes, _packed.Floats + row / tileRows * stride);
    }

    // Shares are taken when a worker is free: a core that somebody else uses for a while does not hold up the others.
    private void Multiply(float* scratch)
    {
        for (int share = Take(); share < _shareEnds[_callCount - 1]; share = Take())
        {
            int call = 0;
            while (share >= _shareEnds[call]) call++;
            WeightMatrix w = _calls[call].Weight;
            int start = (share - (call == 0 ? 0 : _shareEnds[call - 1])) * _shareOuts[call];
            int end = Math.Min(start + _shareOuts[call], w.Out);
            if (_useBrgemm) _brgemm!.Run(_calls[call], (uint*)_packed.Pointer, _rows, start, end, scratch);
            else _kernels[(int)w.Type].Run(_calls[call], _packed.Floats, _rows, start, end, scratch);
        }
        if (_useBrgemm) _brgemm!.Release();
    }

    private int Take() => Interlocked.Increment(ref _nextShare) - 1;

    private static bool AllFit(ReadOnlySpan<LinearCall> calls)
    {
        foreach (ref readonly LinearCall call in calls)
        {
            if (!BrgemmKernel.Fits(call.Weight)) return false;
        }
        return true;
    }

    // Rearranged for the bf16 units, rows take half as much, but are filled up to a few more.
    private static long PackedBytes(int rows, int inputs, int lanes) => Math.Max(
        (rows + PackedRows.TileRows - 1) / PackedRows.TileRows * PackedRows.TileStride(inputs, lanes) * sizeof(float), BrgemmKernel.PackedBytes(rows, inputs));

    private static int ScratchFloats(LinearKernel[] kernels, int rows, bool brgemm) =>
        Math.Max(kernels.Max(k => k.ScratchFloats), brgemm ? BrgemmKernel.ScratchFloats(rows) : 0);

    private void Check(ComputeTeam team, ReadOnlySpan<LinearCall> calls, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(team.Threads, _threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(calls.Length, MaxCalls);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, _maxRows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(calls[0].Weight.In, _maxInputs);
        foreach (ref readonly LinearCall call in calls) ArgumentOutOfRangeException.ThrowIfNotEqual(call.Weight.In, calls[0].Weight.In);
    }
}
