using System.Runtime.CompilerServices;
using SubSpec.Torch.Engine;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>The embedded demo model, as the tests use it: free KV slots hold NaN.</summary>
internal static class DemoModel
{
    /// <summary>Continues simple stories; byte-level BPE ids of "Once upon a time, there was a little girl named Lily."</summary>
    public static readonly int[] Story = [.. Enumerable.Range(0, 12).Select(i => 300 + i * 7)];

    public static string Folder => Path.Combine(Root(), "config", "models", "demo");

    public static EngineOptions Options => new() { ModelFolder = Folder, PoisonFreeKv = true, CacheFolder = Path.Combine(Path.GetTempPath(), "subspec-test-cache") };

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
