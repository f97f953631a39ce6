using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using SubSpec.KernelBench;

// kernel-bench [arguments of BenchmarkDotNet]: speed of the draft's low-bit product on weights that no cache holds, by the kernels that the
// program takes on this processor and by those that it takes where there is no AVX-512.
Summary summary = BenchmarkRunner.Run<LowBitProduct>(new BenchConfig(), args);
return !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success) ? 0 : 1;
