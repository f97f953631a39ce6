using SubSpec.Core;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Tests.Streaming;

public sealed class DirectFileTests : IDisposable
{
    private readonly StreamFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(4096, 100_000)]
    [InlineData(98_304, 4096)]
    [InlineData(0, 200_000)]
    [InlineData(204_800, 10)]
    public unsafe void A_read_gives_the_files_bytes_up_to_its_end(long offset, int bytes)
    {
        string path = _folder.Add("a", 100_003);
        using DirectFile file = DirectFile.Open(path);
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

        using (FileStream writer = File.OpenWrite(path)) writer.SetLength(50_001);

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
