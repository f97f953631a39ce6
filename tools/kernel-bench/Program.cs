using System.Globalization;
using SubSpec.KernelBench;
using SubSpec.Torch.Compute;

// kernel-bench [threads] [bits] [MB]: speed of the draft's low-bit product on weights that no cache holds. One walk over a draft of
// Qwen3-1.7B's shapes, then over matrices of one shape. Numbers of rows take turns and the fastest walk counts, so that other work on
// the machine counts little.
int threads = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
int bits = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 4;
long bytes = (args.Length > 2 ? long.Parse(args[2], CultureInfo.InvariantCulture) : 256) << 20;
using var team = new ComputeTeam(threads);
Console.WriteLine($"{threads} threads, {bits} bits; us is of one product, GB/s counts codes, scales and zero-points");
Console.WriteLine("                rows       us     GB/s   GFLOP/s");
Print("a draft", [(2048, 2048), (1024, 2048), (1024, 2048), (2048, 2048), (6144, 2048), (6144, 2048), (2048, 6144)]);
foreach ((int outFeatures, int inFeatures) in new[] { (2048, 2048), (6144, 2048), (2048, 6144) })
    Print($"{outFeatures} x {inFeatures}", [(outFeatures, inFeatures)]);

void Print(string name, (int Out, int In)[] shapes)
{
    const int Turns = 12;
    using var walk = new Walk(bits, shapes, bytes);
    int[] rows = [1, 2, 4, 8, Walk.MaxRows];
    double[] best = [.. rows.Select(_ => double.MaxValue)];
    for (int turn = 0; turn < Turns; turn++)
        for (int i = 0; i < rows.Length; i++) best[i] = Math.Min(best[i], walk.Measure(team, rows[i]));
    for (int i = 0; i < rows.Length; i++)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-15} {rows[i],4} {best[i] / walk.Products * 1e6,8:F0} {walk.Bytes / best[i] / 1e9,8:F1} {walk.Flops * rows[i] / best[i] / 1e9,9:F0}"));
    }
}
