using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Ops.Attentions;

namespace SubSpec.OpsBench;

/// <summary>Attention of one layer over a long shared context, with a short path of each row's own.</summary>
internal static unsafe class AttentionBench
{
    private const int Path = 16;
    private static readonly AttentionShape[] Shapes = [new(16, 8, 128), new(14, 2, 64), new(32, 8, 128)];

    public static void Run(ComputeTeam team, Stopwatches clock, Machine machine, int[] rowCounts)
    {
        Console.WriteLine($"attention, bf16 KV, {team.Threads} threads, {Path} positions of each row's own");
        Console.WriteLine("   heads  kv  dim  context  rows        ms   GFLOP/s  of peak   KV GB/s");
        foreach (AttentionShape shape in Shapes)
        {
            foreach (int context in new[] { 512, 4096 })
            {
                foreach (int rows in rowCounts) Measure(team, clock, machine, shape, context, rows);
            }
        }
    }

    private static void Measure(ComputeTeam team, Stopwatches clock, Machine machine, AttentionShape shape, int context, int rows)
    {
        int slots = context + rows * Path, vector = shape.KvHeads * shape.HeadDim;
        using var attention = new Attention(shape, team.Threads, rows, context + Path);
        using NativeBuffer keys = new((long)slots * vector * 2), values = new((long)slots * vector * 2), lists = new(slots * 4);
        using NativeBuffer q = new(rows * shape.Heads * shape.HeadDim * 4L), y = new(rows * shape.Heads * shape.HeadDim * 4L);
        new Span<ushort>(keys.Pointer, slots * vector).Fill(0x3c00);
        new Span<ushort>(values.Pointer, slots * vector).Fill(0x3c00);
        new Span<float>(q.Pointer, rows * shape.Heads * shape.HeadDim).Fill(0.5f);
        var slot = (int*)lists.Pointer;
        for (int i = 0; i < slots; i++) slot[i] = i;
        var rowLists = new AttentionRow[rows];
        for (int r = 0; r < rows; r++) rowLists[r] = new AttentionRow(slot, context, slot + context + r * Path, Path);
        var layer = new KvLayer((nint)keys.Pointer, (nint)values.Pointer, WeightType.BFloat16);
        double seconds = clock.Best(() => attention.Forward(team, layer, q.Floats, rowLists, 0.1f, y.Floats), rows < 16 ? 150 : 30);
        double gflops = 4.0 * rows * shape.Heads * shape.HeadDim * (context + Path) / seconds / 1e9;
        double gigabytes = 4.0 * vector * slots / seconds / 1e9;
        Console.WriteLine($"{shape.Heads,8}{shape.KvHeads,4}{shape.HeadDim,5}{context,9}{rows,6}{seconds * 1e3,10:F3}{gflops,10:F1}{gflops / machine.PeakGflops,9:P0}{gigabytes,10:F1}");
    }
}
