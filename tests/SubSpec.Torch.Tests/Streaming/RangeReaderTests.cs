using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Tests.Streaming;

public sealed class RangeReaderTests : IDisposable
{
    private const int FileBytes = (3 << 20) + 777;

    private readonly StreamFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public unsafe void Any_range_comes_whole_to_any_place_and_touches_nothing_beside_it(bool direct)
    {
        string path = _folder.Add("a", FileBytes);
        byte[] content = File.ReadAllBytes(path);
        using DirectFile file = DirectFile.Open(path, direct);
        using var reader = new RangeReader(file);
        using var memory = new NativeBuffer(FileBytes + (4 << 12));
        var random = new Random(1);
        // Aligned, misaligned in the file, in memory, in both; shorter than a block, across blocks, to the file's end.
        (long Offset, long Bytes, int At)[] fixedCases =
        [
            (0, FileBytes, 0), (0, FileBytes, 1), (4096, 2 << 20, 4096), (1, FileBytes - 1, 0), (4095, 2, 100), (960, (2 << 20) + 13, 4096),
            (FileBytes - 777, 777, 0), (FileBytes - 1, 1, 5), (0, 0, 0), (FileBytes, 0, 0), (4096, 4095, 0), (4097, 1 << 20, 4097),
        ];
        IEnumerable<(long, long, int)> randomCases = Enumerable.Range(0, 60).Select(_ =>
        {
            long offset = random.NextInt64(FileBytes);
            return (offset, random.NextInt64(FileBytes - offset + 1), random.Next(8200));
        });
        foreach ((long offset, long bytes, int at) in fixedCases.Concat(randomCases))
        {
            new Span<byte>(memory.Pointer, (int)memory.Bytes).Fill(0xA5);

            Assert.Equal(bytes, reader.Read(offset, bytes, memory.Pointer + at));

            var all = new ReadOnlySpan<byte>(memory.Pointer, (int)memory.Bytes);
            Assert.True(all.Slice(at, (int)bytes).SequenceEqual(content.AsSpan((int)offset, (int)bytes)), $"{offset} {bytes} {at}");
            Assert.False(all[..at].ContainsAnyExcept((byte)0xA5), $"before {offset} {bytes} {at}");
            Assert.False(all[(at + (int)bytes)..].ContainsAnyExcept((byte)0xA5), $"behind {offset} {bytes} {at}");
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(4096, 0)]
    [InlineData(5000, 1)]
    public unsafe void A_range_that_reaches_past_the_end_reads_up_to_it(long offset, int at)
    {
        string path = _folder.Add("a", FileBytes);
        using DirectFile file = DirectFile.Open(path);
        using var reader = new RangeReader(file);
        using var memory = new NativeBuffer(FileBytes + (5 << 12));

        Assert.Equal(FileBytes - offset, reader.Read(offset, FileBytes - offset + 5000, memory.Pointer + at));
        Assert.Equal(0, reader.Read(FileBytes + 5, 10, memory.Pointer));
    }
}
