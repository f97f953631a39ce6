using System.Runtime.CompilerServices;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Tests.Reference;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>The embedded demo model, as the tests use it: free KV slots hold NaN.</summary>
internal static class DemoModel
{
    /// <summary>The beginning of a simple story, such as the model was made for.</summary>
    public static readonly int[] Story = DemoText.Encode("Once upon a time, there was a little girl named Lily. She loved to play in the park.");

    public static string Folder => Path.Combine(Root(), "config", "models", "demo");

    /// <summary>The smallest plan, which offloads every layer.</summary>
    public static EngineOptions Options => new() { ModelFolder = Folder, PoisonFreeKv = true, CacheFolder = Path.Combine(Path.GetTempPath(), "subspec-test-cache") };

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
