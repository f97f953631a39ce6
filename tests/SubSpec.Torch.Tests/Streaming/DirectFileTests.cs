using SubSpec.Core;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Tests.Streaming;

public sealed class DirectFileTests : IDisposable
{
    private readonly StreamFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 4096, true)]
    [InlineData(4096, 100_000, true)]
    [InlineData(98_304, 4096, true)]
    [InlineData(0, 200_000, true)]
    [InlineData(204_800, 10, true)]
    [InlineData(0, 200_000, false)]
    [InlineData(98_304, 100, false)]
    public unsafe void A_read_gives_the_files_bytes_up_to_its_end(long offset, int bytes, bool direct)
    {
        string path = _folder.Add("a", 100_003);
        using DirectFile file = DirectFile.Open(path, direct);
        Assert.False(file.IsDirect && !direct);
        using var buffer = new NativeBuffer(bytes + file.Alignment);

        int read = file.Read(buffer.Pointer, bytes, offset);

        byte[] expected = [.. File.ReadAllBytes(path).Skip((int)offset).Take(bytes)];
        Assert.Equal(expected.Length, read);
        Assert.Equal(expected, new ReadOnlySpan<byte>(buffer.Pointer, read).ToArray());
    }

    [Fact]
    public void The_direct_flag_says_what_the_kernel_does()
    {
        string path = _folder.Add("a", 10_000);
        using DirectFile file = DirectFile.Open(path);
        Assert.Equal(file.IsDirect, OpenDescriptors.AnyDirect(path));
        Assert.True(file.Alignment >= 4096);
    }

    [Fact]
    public unsafe void Reads_leave_nothing_in_the_page_cache_buffered_or_direct()
    {
        const int Bytes = 3 << 20;
        // Beside the tests: the folder for temporary files may be in memory.
        using var folder = new StreamFolder(AppContext.BaseDirectory);
        string path = folder.Add("a", Bytes + 5);
        // Pages that are not on the disk yet cannot be dropped.
        using (FileStream writer = StreamFolder.Writer(path)) writer.Flush(flushToDisk: true);
        using var buffer = new NativeBuffer(1 << 20);
        using DirectFile buffered = DirectFile.Open(path, direct: false);
        using DirectFile direct = DirectFile.Open(path);
        foreach (DirectFile file in new[] { buffered, direct, buffered })
        {
            for (int offset = 0; offset <= Bytes; offset += 1 << 20) file.Read(buffer.Pointer, 1 << 20, offset);
            Assert.Equal(0, PageCache.ResidentPages(path));
        }
    }

    [Fact]
    public void A_file_system_in_memory_is_read_through_the_page_cache()
    {
        string parent = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        using var folder = new StreamFolder(parent);
        string path = folder.Add("a", 10_000);
        using DirectFile file = DirectFile.Open(path);
        Assert.Equal(parent != "/dev/shm" && OpenDescriptors.AnyDirect(path), file.IsDirect);
    }

    [Fact]
    public unsafe void A_file_cut_after_opening_reads_short_and_counts_as_changed()
    {
        string path = _folder.Add("a", 100_000);
        using DirectFile file = DirectFile.Open(path);
        using var buffer = new NativeBuffer(100_000 + file.Alignment);
        Assert.True(file.IsUnchanged());

        using (FileStream writer = StreamFolder.Writer(path)) writer.SetLength(50_001);

        Assert.Equal(50_001, file.Read(buffer.Pointer, 100_000, 0));
        Assert.Equal(0, file.Read(buffer.Pointer, 4096, 61_440));
        Assert.False(file.IsUnchanged());
    }

    [Fact]
    public void An_empty_file_opens_and_a_missing_one_is_bad_input()
    {
        using DirectFile file = DirectFile.Open(_folder.Add("empty", 0));
        Assert.Equal(0, file.Length);
        string missing = Path.Combine(_folder.Name, "missing");
        Assert.Contains(missing, Assert.Throws<BadInputException>(() => DirectFile.Open(missing)).Message);
    }
}
