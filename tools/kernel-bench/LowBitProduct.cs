using BenchmarkDotNet.Attributes;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Quantization;

namespace SubSpec.KernelBench;

/// <summary>Walks over the matrices of a draft on all processors, as draft steps of 1 to 16 rows do.</summary>
public class LowBitProduct
{
    /// <summary>The variable that names the kernel which a job is about.</summary>
    internal const string KernelVariable = "SUBSPEC_BENCH_KERNEL";

    private ComputeTeam? _team;
    private Walk? _walk;

    /// <summary>Bits a code.</summary>
    [Params(3, 4, 8)]
    public int Bits { get; set; }

    /// <summary>The name of the matrices in <see cref="WalkPlan"/>.</summary>
    [ParamsSource(nameof(Names))]
    public string Matrices { get; set; } = WalkPlan.Draft;

    /// <summary>Rows of activations.</summary>
    [ParamsSource(nameof(RowCounts))]
    public int Rows { get; set; }

    /// <summary>Names of matrices.</summary>
    public static IEnumerable<string> Names => WalkPlan.Names;

    /// <summary>Rows of a draft step. (A source, since parameters with one come after those without: so a table has the rows of the same matrices together.)</summary>
    public static IEnumerable<int> RowCounts => [1, 2, 4, 8, 16];

    /// <summary>Refuses to measure by another kernel than the job's.</summary>
    [GlobalSetup]
    public void Setup()
    {
        string? wanted = Environment.GetEnvironmentVariable(KernelVariable);
        if (LowBitKernels.Best.ToString() != wanted) throw new InvalidOperationException($"this process takes the kernel {LowBitKernels.Best}, not {wanted}");
        _team = new ComputeTeam(Environment.ProcessorCount);
        _walk = new Walk(new WalkPlan(Matrices, Bits), Rows);
        Console.WriteLine($"kernel {LowBitKernels.Best}, {_team.Threads} threads, {_walk.Bytes >> 20} MiB of weights");
    }

    /// <summary>One walk.</summary>
    [Benchmark]
    public void Walk() => _walk!.Run(_team!);

    /// <summary>Frees weights and threads.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _walk?.Dispose();
        _team?.Dispose();
    }
}
