using SubSpec.OpsBench;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Native;
using SubSpec.Torch.Ops.Linears;

// ops-bench [linear|attention|all] [threads] [rows,rows,...]
string what = args.Length > 0 ? args[0] : "all";
int threads = args.Length > 1 ? int.Parse(args[1]) : Environment.ProcessorCount;
int[] rows = args.Length > 2 ? [.. args[2].Split(',').Select(int.Parse)] : [1, 2, 4, 8, 16, 32, 49, 64, 128, 256];

using var team = new ComputeTeam(threads);
var clock = new Stopwatches(threads);
Machine machine = Machine.Measure(team, clock);
Console.WriteLine($"{threads} threads: peak {machine.PeakGflops:F0} GFLOP/s, reads {machine.ReadGigabytes:F1} GB/s");
if (what is "linear" or "all")
{
    LinearBench.Run(team, clock, machine, WeightType.BFloat16, rows, brgemm: null);
    if (Brgemm.Loaded is { } units) LinearBench.Run(team, clock, machine, WeightType.BFloat16, rows, new BrgemmKernel(units));
}
if (what is "attention" or "all") AttentionBench.Run(team, clock, machine, rows);
