using SubSpec.Core.Sampling;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// The shortlists of a head's rows: the highest logits, and those of the tokens that noise favours. They take one copy to the host for all rows, of
/// about a kilobyte each, where whole rows would take one vocabulary each.
/// </summary>
internal sealed unsafe class HeadLists : IDisposable
{
    /// <summary>Highest logits of a row.</summary>
    private const int Highest = 64;

    /// <summary>Tokens with the most noise of a row, about.</summary>
    private const int Noisy = 64;

    private readonly ICudaRuntime _cuda;
    private readonly TorchOps _ops;
    private readonly FavouredTokens _favoured;
    private readonly int _highest;
    private readonly int _noisy;
    private readonly nint _device;
    private readonly nint _wantedOnDevice;
    private readonly PinnedBuffer _host;
    private readonly PinnedBuffer _wanted;
    private readonly int[] _counts;
    private readonly double[] _bounds;
    private readonly int[] _tokens;
    private readonly float[] _logits;
    private bool _anyWanted;
    private int _chunk;

    /// <param name="rows">Rows of whole chunks, at most.</param>
    public HeadLists(ICudaRuntime cuda, TorchOps ops, DeviceArena arena, int vocabulary, int rows)
    {
        (_cuda, _ops) = (cuda, ops);
        (_highest, _noisy) = Lengths(vocabulary);
        _favoured = new FavouredTokens(vocabulary, Noisy);
        _device = arena.Take(rows * RowBytes(vocabulary));
        _wantedOnDevice = arena.Take(rows * WantedBytes(vocabulary));
        (_counts, _bounds) = (new int[rows], new double[rows]);
        (_tokens, _logits) = (new int[_highest + _noisy], new float[_highest + _noisy]);
        _host = new PinnedBuffer(cuda, rows * RowBytes(vocabulary));
        try
        {
            _wanted = new PinnedBuffer(cuda, rows * WantedBytes(vocabulary));
        }
        catch
        {
            _host.Dispose();
            throw;
        }
    }

    /// <summary>Bytes on the device.</summary>
    public static long BytesFor(int vocabulary, int rows) => DeviceArena.Rounded(rows * RowBytes(vocabulary)) + DeviceArena.Rounded(rows * WantedBytes(vocabulary));

    /// <summary>Begins with the rows [start, start + count) of a batch: tells the device which tokens noise favours, while it may still be at work on the layers.</summary>
    /// <param name="chunk">Rows that are computed at once.</param>
    public void Begin(RowBatch batch, int start, int count, int chunk)
    {
        (_chunk, _anyWanted) = (chunk, false);
        int whole = (count + chunk - 1) / chunk * chunk;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(whole, _counts.Length, nameof(count));
        // Rows behind the last one are looked up too: every place must be a token.
        Wanted(0, whole).Clear();
        for (int row = 0; row < count; row++)
        {
            (_counts[row], _bounds[row]) = (0, double.PositiveInfinity);
            SamplingOptions sampling = batch.Sampling[start + row];
            if (!sampling.IsUnfiltered) continue;
            (int[] tokens, _bounds[row]) = _favoured.At(sampling, batch.Positions[start + row] + 1);
            Span<long> wanted = Wanted(row, 1);
            for (int i = 0; i < tokens.Length; i++) wanted[i] = tokens[i];
            _counts[row] = tokens.Length;
            _anyWanted = true;
        }
        if (_anyWanted) _cuda.CopyAsync(_wantedOnDevice, (nint)_wanted.Pointer, (long)whole * _noisy * sizeof(long), 0);
    }

    /// <summary>Takes the lists of a chunk out of its logits, on the device.</summary>
    /// <param name="logits">fp32 [chunk, vocabulary].</param>
    /// <param name="start">First row of the chunk.</param>
    public void Take(Tensor logits, int start)
    {
        nint block = _device + (nint)((long)start / _chunk * ChunkBytes);
        using Tensor values = View(block, TorchDtype.Float32, _highest), tokens = View(block + (nint)TokensAt, TorchDtype.Int64, _highest);
        _ops.Highest(values, tokens, logits);
        if (!_anyWanted) return;
        using Tensor wanted = View(_wantedOnDevice + (nint)((long)start * _noisy * sizeof(long)), TorchDtype.Int64, _noisy);
        using Tensor favoured = View(block + (nint)FavouredAt, TorchDtype.Float32, _noisy);
        _ops.Gather(favoured, logits, wanted);
    }

    /// <summary>Brings the lists of so many rows to the host and waits for them.</summary>
    public void Fetch(int count) => DeviceCopies.Download(_cuda, _host.Pointer, _device, (count + _chunk - 1) / _chunk * ChunkBytes);

    /// <summary>The list of a row; valid until the next one is asked for.</summary>
    public LogitShortlist Of(int row)
    {
        byte* block = _host.Pointer + row / _chunk * ChunkBytes;
        int inChunk = row % _chunk, count = 0;
        var values = new ReadOnlySpan<float>((float*)block + (inChunk * _highest), _highest);
        var tokens = new ReadOnlySpan<long>((long*)(block + TokensAt) + (inChunk * _highest), _highest);
        float bound = values[0];
        foreach (float value in values) bound = Math.Min(bound, value);
        for (; count < _highest; count++) (_tokens[count], _logits[count]) = ((int)tokens[count], values[count]);
        float* favoured = (float*)(block + FavouredAt) + (inChunk * _noisy);
        ReadOnlySpan<long> wanted = Wanted(row, 1);
        for (int i = 0; i < _counts[row]; i++)
        {
            // What is above the bound is there already.
            if (favoured[i] > bound || (favoured[i] == bound && tokens.Contains(wanted[i]))) continue;
            (_tokens[count], _logits[count++]) = ((int)wanted[i], favoured[i]);
        }
        return new LogitShortlist(_tokens.AsSpan(0, count), _logits.AsSpan(0, count), bound, _bounds[row]);
    }

    public void Dispose()
    {
        Quietly.Dispose(_host);
        Quietly.Dispose(_wanted);
    }

    // A chunk is laid out as its highest logits, their tokens, and the favoured tokens' logits.
    private long TokensAt => (long)_chunk * _highest * sizeof(float);

    private long FavouredAt => (long)_chunk * _highest * (sizeof(float) + sizeof(long));

    private long ChunkBytes => FavouredAt + ((long)_chunk * _noisy * sizeof(float));

    private static (int Highest, int Noisy) Lengths(int vocabulary) => (Math.Min(Highest, vocabulary), Math.Min(2 * Noisy, vocabulary));

    private static long RowBytes(int vocabulary) => (Lengths(vocabulary).Highest * (long)(sizeof(float) + sizeof(long))) + (Lengths(vocabulary).Noisy * (long)sizeof(float));

    private static long WantedBytes(int vocabulary) => Lengths(vocabulary).Noisy * (long)sizeof(long);

    private Span<long> Wanted(int row, int count) => new((long*)_wanted.Pointer + ((long)row * _noisy), count * _noisy);

    private Tensor View(nint data, TorchDtype dtype, int columns) => _ops.Api.View(data, dtype, [_chunk, columns], [columns, 1]);
}
