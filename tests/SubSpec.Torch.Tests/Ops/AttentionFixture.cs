using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Ops.Attentions;

namespace SubSpec.Torch.Tests.Ops;

/// <summary>A KV pool of random vectors with NaN in every slot that is not placed, and rows of queries.</summary>
internal sealed unsafe class AttentionFixture : IDisposable
{
    private const int MaxRows = 80;
    private readonly NativeBuffer _keys;
    private readonly NativeBuffer _values;
    private readonly NativeBuffer _slots;
    private readonly double[] _plainKeys;
    private readonly double[] _plainValues;
    private readonly int _tokens;
    private readonly int _poolSlots;
    private readonly int _vector;

    public AttentionFixture(AttentionShape shape, WeightType type, int tokens, int rows)
    {
        Shape = shape;
        Type = type;
        Rows = rows;
        _tokens = tokens;
        _poolSlots = 2 * tokens;
        _vector = shape.KvHeads * shape.HeadDim;
        Queries = RandomMemory.Floats(new Random(1), rows * shape.Heads * shape.HeadDim);
        _keys = new NativeBuffer((long)_poolSlots * _vector * 4);
        _values = new NativeBuffer((long)_poolSlots * _vector * 4);
        _slots = new NativeBuffer(tokens * 4);
        var random = new Random(2);
        _plainKeys = Representable(random, tokens * _vector);
        _plainValues = Representable(random, tokens * _vector);
    }

    public AttentionShape Shape { get; }

    public WeightType Type { get; }

    public int Rows { get; }

    public NativeBuffer Queries { get; }

    /// <summary>The slot of each token of the sequence.</summary>
    public int* Slots => (int*)_slots.Pointer;

    private int OutputCount => Rows * Shape.Heads * Shape.HeadDim;

    /// <summary>Puts the tokens into slots in an order given by the seed; 0 is ascending.</summary>
    public void Place(int seed)
    {
        int[] order = [.. Enumerable.Range(0, _poolSlots)];
        if (seed != 0) new Random(seed).Shuffle(order);
        new Span<byte>(_keys.Pointer, (int)_keys.Bytes).Fill(0xFF);
        new Span<byte>(_values.Pointer, (int)_values.Bytes).Fill(0xFF);
        for (int token = 0; token < _tokens; token++)
        {
            Slots[token] = order[token];
            for (int i = 0; i < _vector; i++)
            {
                Write(_keys, order[token] * _vector + i, _plainKeys[token * _vector + i]);
                Write(_values, order[token] * _vector + i, _plainValues[token * _vector + i]);
            }
        }
    }

    /// <summary>All rows in one call; row r sees the first lengths[r] tokens, of which splits[r] are given as its context.</summary>
    public float[] Forward(ComputeTeam team, int[] lengths, int[] splits, int firstRow = 0, bool round = false)
    {
        using var attention = new Attention(Shape, team.Threads, MaxRows, _tokens);
        using var output = new NativeBuffer(OutputCount * 4);
        var rows = new AttentionRow[lengths.Length];
        for (int r = 0; r < rows.Length; r++) rows[r] = new AttentionRow(Slots, splits[r], Slots + splits[r], lengths[r] - splits[r]);
        int vector = Shape.Heads * Shape.HeadDim;
        attention.Forward(team, new KvLayer((nint)_keys.Pointer, (nint)_values.Pointer, Type), Queries.Floats + firstRow * vector, rows, Scale, output.Floats, round);
        return RandomMemory.Copy(output.Floats, rows.Length * vector);
    }

    /// <summary>Softmax attention in double precision, straight from its definition.</summary>
    public double[] Plain(int row, int head, int length)
    {
        int dim = Shape.HeadDim, kvHead = head / Shape.Group;
        float* q = Queries.Floats + (row * Shape.Heads + head) * dim;
        double[] weights = [.. Enumerable.Range(0, length).Select(t => Math.Exp(Scale * Enumerable.Range(0, dim).Sum(i => q[i] * _plainKeys[t * _vector + kvHead * dim + i])))];
        return [.. Enumerable.Range(0, dim).Select(i => Enumerable.Range(0, length).Sum(t => weights[t] * _plainValues[t * _vector + kvHead * dim + i]) / weights.Sum())];
    }

    public void Dispose()
    {
        Queries.Dispose();
        _keys.Dispose();
        _values.Dispose();
        _slots.Dispose();
    }

    private float Scale => (float)(1 / Math.Sqrt(Shape.HeadDim));

    private double[] Representable(Random random, int count)
    {
        using NativeBuffer weights = RandomMemory.Weights(random, Type, count);
        return [.. Enumerable.Range(0, count).Select(i => RandomMemory.Value(weights.Pointer, Type, i))];
    }

    private void Write(NativeBuffer pool, int index, double value)
    {
        if (Type == WeightType.Float32) pool.Floats[index] = (float)value;
        else if (Type == WeightType.Float16) ((Half*)pool.Pointer)[index] = (Half)value;
        else ((ushort*)pool.Pointer)[index] = (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16);
    }
}
