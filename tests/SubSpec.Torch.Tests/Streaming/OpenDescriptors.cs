using System.Runtime.InteropServices;

namespace SubSpec.Torch.Tests.Streaming;

/// <summary>What the kernel says about this process's open files.</summary>
internal static class OpenDescriptors
{
    /// <summary>Whether one of the file's descriptors bypasses the page cache (O_DIRECT).</summary>
    public static bool AnyDirect(string path) =>
        FlagsOf(path).Any(flags => (flags & (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000)) != 0);

    /// <summary>Open flags of each descriptor whose file's path starts so.</summary>
    public static List<int> FlagsOf(string path) => [.. Directory.GetFiles("/proc/self/fd")
        .Where(fd => new FileInfo(fd).LinkTarget?.StartsWith(path, StringComparison.Ordinal) == true)
        .Select(fd => File.ReadLines($"/proc/self/fdinfo/{Path.GetFileName(fd)}").First(l => l.StartsWith("flags:", StringComparison.Ordinal)))
        .Select(line => Convert.ToInt32(line["flags:".Length..].Trim(), 8))];
}
