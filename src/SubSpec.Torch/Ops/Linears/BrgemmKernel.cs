using SubSpec.Torch.Memory;
using SubSpec.Torch.Native;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>
/// Linears of bf16 weights on the processor's bf16 units. It computes Y^T = W X^T, so that the weights are read as they lie in the file,
/// once, and only the rows are rearranged.
/// </summary>
internal sealed unsafe class BrgemmKernel(Brgemm brgemm)
{
    /// <summary>Outputs of a block: two tiles, each a whole line of weights deep.</summary>
    public const int BlockOuts = 32;

    // A tile's columns; rows are filled up with zeros. Zeros change no other row.
    private const int RowStep = 16;
    private const int InputStep = 32;
    private const int OutStep = 16;

    // Products of this many inputs and rows at a time: what they read stays in the near caches. The depth decides the order of sums, so it is the same for any number of rows.
    private const int Depth = 2048;
    private const int MostRows = 128;

    /// <summary>True where whole tiles cover the weights.</summary>
    public static bool Fits(in WeightMatrix weight) => weight.Type == WeightType.BFloat16 && weight.In % InputStep == 0 && weight.Out % OutStep == 0;

    /// <summary>Bytes of the rearranged rows.</summary>
    public static long PackedBytes(int rows, int inputs) => (long)sizeof(ushort) * Filled(rows) * inputs;

    /// <summary>Floats of working memory that one worker needs.</summary>
    public static int ScratchFloats(int rows) => BlockOuts * Filled(rows);

    /// <summary>Rearranges inputs <paramref name="start"/> to <paramref name="end"/> (even) of all rows as [inputs / 2][rows filled up][2].</summary>
    /// <param name="x">fp32 [rows, inputs], every number one of bf16.</param>
    public static void Pack(float* x, int rows, int inputs, int start, int end, uint* packed)
    {
        int filled = Filled(rows);
        for (int row = 0; row < filled; row += RowStep)
        {
            int here = Math.Min(RowStep, rows - row);
            for (int input = start; input < end; input += 2)
            {
                uint* to = packed + (((long)input / 2 * filled) + row);
                ulong* from = (ulong*)(x + ((long)row * inputs) + input);
                int r = 0;
                for (; r < here; r++, from += inputs / 2) to[r] = (uint)(*from >> 48 << 16) | (ushort)(*from >> 16);
                for (; r < RowStep; r++) to[r] = 0;
            }
        }
    }

    /// <param name="packed">All rows as <see cref="Pack"/> leaves them.</param>
    /// <param name="start">First output.</param>
    /// <param name="end">End of the outputs.</param>
    /// <param name="scratch">This worker's own <see cref="ScratchFloats"/>.</param>
    public void Run(in LinearCall call, uint* packed, int rows, int start, int end, float* scratch)
    {
        WeightMatrix w = call.Weight;
        int filled = Filled(rows);
        for (int o = start; o < end; o += BlockOuts)
        {
            int outs = Math.Min(BlockOuts, end - o);
            for (int k = 0; k < w.In; k += Depth)
            {
                for (int row = 0; row < filled; row += MostRows)
                {
                    brgemm.Multiply(
                        outs, Math.Min(MostRows, filled - row), Math.Min(Depth, w.In - k), w.In, filled, filled, add: k > 0,
                        (ushort*)w.Data + ((long)o * w.In) + k, (ushort*)(packed + ((long)k / 2 * filled) + row), scratch + row);
                }
            }
            Store(call, scratch, rows, filled, o, outs);
        }
    }

    /// <summary>To be called by each worker after its last block.</summary>
    public void Release() => brgemm.Release();

    private static void Store(in LinearCall call, float* block, int rows, int filled, int start, int outs)
    {
        float* bias = call.Bias is null ? null : call.Bias + start;
        for (int row = 0; row < rows; row++)
        {
            float* y = call.Y + ((long)row * call.Weight.Out) + start, from = block + row;
            for (int o = 0; o < outs; o++, from += filled)
            {
                float value = bias is null ? *from : *from + bias[o];
                y[o] = call.Add ? y[o] + value : value;
            }
        }
    }

    private static int Filled(int rows) => (rows + RowStep - 1) / RowStep * RowStep;
}
