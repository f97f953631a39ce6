using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace SubSpec.KernelBench;

/// <summary>Something that a walk does, in units of 10^9, by the median of its seconds.</summary>
internal sealed class RateColumn(string name, string legend, Func<WalkPlan, int, double> ofWalk) : IColumn
{
    public string Id => nameof(RateColumn) + name;

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Statistics;

    public int PriorityInCategory => 100;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => true;

    // BenchmarkDotNet counts in nanoseconds.
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => summary[benchmarkCase]?.ResultStatistics is { } nanoseconds
        ? (ofWalk(WalkPlan.Of(benchmarkCase), (int)benchmarkCase.Parameters[nameof(LowBitProduct.Rows)]) / nanoseconds.Median).ToString("F1", CultureInfo.InvariantCulture)
        : "NA";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
}
