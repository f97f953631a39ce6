using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using Perfolizer.Horology;
using SubSpec.Torch.Quantization;

namespace SubSpec.KernelBench;

/// <summary>A job for the kernels of this processor and, where those are AVX-512's, one without AVX-512; few and short iterations.</summary>
internal sealed class BenchConfig : ManualConfig
{
    public BenchConfig()
    {
        bool wide = LowBitKernels.Best == LowBitKernel.Avx512;
        AddJob(NewJob(LowBitKernels.Best).AsBaseline());
        // The name since .NET 10; EnableAVX512F does nothing there. LowBitProduct refuses to run where it had no effect.
        if (wide) AddJob(NewJob(LowBitKernel.Avx2, new EnvironmentVariable("DOTNET_EnableAVX512", "0")));
        AddFilter(new SimpleFilter(benchmark => WalkPlan.Of(benchmark) is { Name: WalkPlan.Draft } or { Bits: 4 }));
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn(StatisticColumn.Median);
        HideColumns(Column.Method, Column.EnvironmentVariables, Column.Mean, Column.Error);
        AddColumn(new RateColumn("GB/s", "Codes, scales and zero-points that are read in a second", (plan, _) => plan.Bytes));
        AddColumn(new RateColumn("GFLOP/s", "Two operations a weight and row", (plan, rows) => plan.Flops * rows));
        AddLogger(ConsoleLogger.Default);
        AddExporter(MarkdownExporter.GitHub, JsonExporter.Full);
    }

    private static Job NewJob(LowBitKernel kernel, params EnvironmentVariable[] variables) => Job.Default
        .WithId(kernel.ToString())
        .WithIterationTime(TimeInterval.FromMilliseconds(100))
        .WithWarmupCount(1)
        .WithIterationCount(12)
        .WithEvaluateOverhead(false)
        // The first two: compiled as the program is, whose settings (Directory.Build.props) the generated project does not have.
        .WithEnvironmentVariables(
        [
            new EnvironmentVariable("DOTNET_TieredPGO", "0"),
            new EnvironmentVariable("DOTNET_TC_QuickJitForLoops", "0"),
            new EnvironmentVariable(LowBitProduct.KernelVariable, kernel.ToString()),
            .. variables,
        ]);
}
