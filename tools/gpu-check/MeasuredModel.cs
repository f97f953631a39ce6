using SubSpec.Core;
using SubSpec.GrowModel;

namespace SubSpec.GpuCheck;

/// <summary>A model of a published one's size, grown from the demo, and how it is measured.</summary>
/// <param name="Key">What its figures are called, for scripts and people alike.</param>
/// <param name="Size">Options of grow-model.</param>
/// <param name="Budget">Of the device's memory.</param>
/// <param name="Stories">Prompts.</param>
/// <param name="Tokens">Of an answer.</param>
/// <param name="PlainTokens">Of an answer by plain decoding, each of which costs a whole stream.</param>
/// <param name="WantedSequential">Speed-up to compare <c>sequential</c> with.</param>
/// <param name="WantedAdaptive">Speed-up to compare <c>adaptive</c> with.</param>
internal sealed record MeasuredModel(
    string Key, string[] Size, string Budget, int Stories, int Tokens, int PlainTokens, string WantedSequential, string WantedAdaptive)
{
    private const string SmallBudget = "1.5GB";

    private static string Demo => Path.Combine(AppContext.BaseDirectory, "models", "demo");

    /// <summary>Qwen2.5-7B's size, or 1.2 billion parameters. Its intermediate width of 18944 is no multiple of the demo's.</summary>
    public static MeasuredModel Of7B(bool small) => new(
        "model", small ? [] : ["--hidden", "3584", "--intermediate", "19200", "--layers", "28"], small ? SmallBudget : "8GB", 6, 96, 8, "at least 9.1x", "beyond 12x");

    /// <summary>Qwen2.5-32B's size, or 1.2 billion parameters.</summary>
    public static MeasuredModel Of32B(bool small) => new(
        "32b", small ? [] : ["--hidden", "5120", "--intermediate", "27648", "--layers", "64"], small ? SmallBudget : "24GB", 2, 64, 4, "at least 12.5x", "beyond 12.5x");

    /// <summary>The command line of grow-model.</summary>
    public string[] GrowArguments(string folder) => ["--model", Demo, "--out", folder, .. Size];

    /// <summary>Why it cannot be measured without a file here; null where it can. Substitutes and the rest take less of the host than pinned memory must leave.</summary>
    public string? WhyNot(long pinnableBytes, long deviceBytes)
    {
        long bytes = new GrownModel(GrowOptions.Parse(GrowArguments("none"))).Bytes;
        if (bytes > pinnableBytes) return $"up to {ByteSize.Format(bytes)} of it are pinned, and {ByteSize.Format(pinnableBytes)} of this host's memory may be";
        return ByteSize.Parse(Budget, "") > deviceBytes ? $"it is measured in {Budget}, and {ByteSize.Format(deviceBytes)} of the device are free" : null;
    }
}
