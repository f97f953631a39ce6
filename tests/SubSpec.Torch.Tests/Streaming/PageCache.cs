using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace SubSpec.Torch.Tests.Streaming;

/// <summary>Asks the kernel which pages of a file it keeps.</summary>
internal static unsafe partial class PageCache
{
    public static int ResidentPages(string path)
    {
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        using MemoryMappedViewAccessor view = file.CreateViewAccessor();
        byte[] pages = new byte[(new FileInfo(path).Length + Environment.SystemPageSize - 1) / Environment.SystemPageSize];
        Assert.Equal(0, InCore(view.SafeMemoryMappedViewHandle.DangerousGetHandle(), (nuint)new FileInfo(path).Length, pages));
        return pages.Count(p => (p & 1) != 0);
    }

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static partial int InCore(nint address, nuint bytes, byte[] pages);
}
