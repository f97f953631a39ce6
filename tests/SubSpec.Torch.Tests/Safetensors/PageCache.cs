using System.Runtime.InteropServices;

namespace SubSpec.Torch.Tests.Safetensors;

/// <summary>Asks the kernel how much of a file is cached.</summary>
internal static unsafe partial class PageCache
{
    /// <summary>Pages of the file in the page cache; 0 where memory is the file system itself, which has no cache to drop.</summary>
    public static int ResidentPages(string file)
    {
        if (new DriveInfo(file).DriveFormat is "tmpfs" or "ramfs") return 0;
        using var handle = File.OpenHandle(file);
        nuint length = (nuint)RandomAccess.GetLength(handle);
        void* map = Mmap(null, length, 1, 1, (int)handle.DangerousGetHandle(), 0);
        Assert.NotEqual(-1, (nint)map);
        try
        {
            byte[] pages = new byte[(length + 4095) / 4096];
            fixed (byte* p = pages) Assert.Equal(0, Mincore(map, length, p));
            return pages.Count(p => (p & 1) != 0);
        }
        finally
        {
            _ = Munmap(map, length);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static partial int Mincore(void* address, nuint length, byte* pages);
}
