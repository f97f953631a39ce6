using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.OpsBench;

/// <summary>Linears of the usual shapes. Weights rotate through more memory than the caches hold, as they do in a streamed model.</summary>
internal static unsafe class LinearBench
{
    private const long Rotation = 256L << 20;
    private static readonly (int Out, int In)[] Shapes = [(2048, 2048), (6144, 2048), (2048, 6144), (8192, 2048)];

    /// <param name="brgemm">The processor's bf16 units; null for the kernels in C#.</param>
    public static void Run(ComputeTeam team, Stopwatches clock, Machine machine, WeightType type, int[] rowCounts, BrgemmKernel? brgemm)
    {
        using var linear = new Linear(team.Threads, 300, 6144, brgemm);
        using var memory = new NativeBuffer(Rotation + (64 << 20));
        using var x = new NativeBuffer(300 * 6144 * 4);
        using var y = new NativeBuffer(300 * 8192 * 4);
        var random = new Random(1);
        for (long i = 0; i < memory.Bytes / 2; i++) ((ushort*)memory.Pointer)[i] = (ushort)(0x3c00 | random.Next(0x1ff));
        for (int i = 0; i < 300 * 6144; i++) x.Floats[i] = (random.Next(256) - 128) / 256f;
        Console.WriteLine($"linear {type}, {team.Threads} threads, {(brgemm is null ? "kernels in C#" : "libtorch's brgemm")}");
        Console.WriteLine("     out     in  rows        ms   GFLOP/s  of peak      GB/s  of read");
        foreach ((int outs, int inputs) in Shapes)
        {
            foreach (int rows in rowCounts)
            {
                var w = new WeightMatrix(0, type, outs, inputs);
                long at = 0;
                double seconds = clock.Best(
                    () =>
                    {
                        linear.Forward(team, w with { Data = (nint)(memory.Pointer + at) }, null, x.Floats, y.Floats, rows);
                        at = at + 2 * w.Bytes > Rotation ? 0 : at + w.Bytes;
                    },
                    rows < 16 ? 150 : 30);
                double gflops = 2.0 * outs * inputs * rows / seconds / 1e9, gigabytes = w.Bytes / seconds / 1e9;
                Console.WriteLine($"{outs,8}{inputs,7}{rows,6}{seconds * 1e3,10:F3}{gflops,10:F1}{gflops / machine.PeakGflops,9:P0}{gigabytes,10:F1}{gigabytes / machine.ReadGigabytes,9:P0}");
            }
        }
    }
}
