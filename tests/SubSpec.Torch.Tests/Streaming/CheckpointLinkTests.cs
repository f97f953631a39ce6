using SubSpec.Core.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Tests.Streaming;

public sealed class CheckpointLinkTests
{
    [Theory]
    [InlineData(1, 1, 1, 4096)]
    [InlineData(2, 2, 4, 65_536)]
    [InlineData(3, 3, 4, 1 << 20)]
    [InlineData(4, 4, 8, 5000)]
    public async Task Slots_hold_the_files_bytes_for_any_layout(int seed, int slots, int readers, int requestBytes)
    {
        using var folder = new StreamFolder();
        await CheckPasses(folder, seed, new LinkOptions(slots, Readers: readers, RequestBytes: requestBytes));
    }

    [Fact]
    public async Task Buffered_reads_give_the_same_bytes_and_are_reported()
    {
        using var folder = new StreamFolder(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
        LinkStats stats = await CheckPasses(folder, 5, new LinkOptions(2, RequestBytes: 32_768));
        Assert.False(stats.DirectIo && Directory.Exists("/dev/shm"));
    }

    [Fact]
    public void A_slot_in_flight_is_refused_and_so_are_slots_and_layers_that_do_not_exist()
    {
        using var folder = new StreamFolder();
        using var hold = new Hold(0);
        using var link = new CheckpointLink(folder.AddLayers(2, 50_000), new LinkOptions(2), TimeProvider.System, hold.Wait);
        Task<LayerRead> read = link.Read(0, 1);

        Assert.Throws<InvalidOperationException>(() => link.BeginRead(1, 1, _ => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => link.BeginRead(1, 2, _ => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => link.BeginRead(1, -1, _ => { }));
        Assert.Throws<ArgumentException>(() => link.BeginRead(9, 0, _ => { }));
        Assert.False(read.IsCompleted);
        hold.Release();
    }

    [Fact]
    public async Task Reads_complete_in_the_order_of_their_start()
    {
        using var folder = new StreamFolder();
        using var hold = new Hold(0);
        using var link = new CheckpointLink(folder.AddLayers(3, 50_000), new LinkOptions(3), TimeProvider.System, hold.Wait);
        var order = new List<int>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (int layer = 0; layer < 3; layer++)
        {
            link.BeginRead(layer, layer, read =>
            {
                order.Add(read.Layer);
                if (order.Count == 3) all.SetResult();
            });
        }
        hold.UntilReached();
        Assert.Empty(order);
        hold.Release();
        await all.Task.Within();
        Assert.Equal([0, 1, 2], order);
    }

    [Fact]
    public async Task A_completion_may_start_the_next_read_into_its_slot()
    {
        using var folder = new StreamFolder();
        using var link = new CheckpointLink(folder.AddLayers(4, 10_000), new LinkOptions(1));
        var all = new TaskCompletionSource<LayerRead>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Next(LayerRead read)
        {
            if (read.Error is not null || read.Layer == 3) all.SetResult(read);
            else link.BeginRead(read.Layer + 1, read.Slot, Next);
        }

        link.BeginRead(0, 0, Next);

        Assert.Equal(new LayerRead(3, 0, null), await all.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Bytes_and_busy_time_are_counted_exactly()
    {
        using var folder = new StreamFolder();
        using var first = new Hold(0);
        using var second = new Hold(1);
        var time = new ManualTime();
        using var link = new CheckpointLink(folder.AddLayers(2, 50_000, header: 100), new LinkOptions(2), time, r => first.Wait(r) ?? second.Wait(r));
        Assert.Equal(50_000, link.LayerBytes(1));
        Assert.Equal([0, 1], link.OffloadedLayers);

        Task<LayerRead> read = link.Read(0, 0);
        time.Advance(3_000_000_000);
        Assert.Equal(3, link.Stats.BusySeconds);
        first.Release();
        await read;
        time.Advance(5_000_000_000);
        Assert.Equal(3, link.Stats.BusySeconds);
        Assert.Equal(53_248, link.Stats.BytesRead);

        read = link.Read(1, 1);
        time.Advance(250_000_000);
        second.Release();
        await read;
        Assert.Equal(3.25, link.Stats.BusySeconds);
        Assert.Equal(53_248 + 100_100 - 49_152, link.Stats.BytesRead);
    }

    [Fact]
    public async Task A_throttled_read_completes_at_the_time_the_pipe_would_have_moved_it()
    {
        using var folder = new StreamFolder();
        var time = new ManualTime();
        using var link = new CheckpointLink(folder.AddLayers(2, 40_960, header: 4096), new LinkOptions(2, BytesPerSecond: 40_960), time);
        long start = time.GetTimestamp();
        long[] ends = new long[2];
        Task<LayerRead>[] reads = [Timed(0), Timed(1)];

        time.Advance(999_999_000);
        Assert.DoesNotContain(reads, r => r.IsCompleted);
        time.Advance(1000);
        Assert.Null((await reads[0]).Error);
        Assert.False(reads[1].IsCompleted);
        time.Advance(1_000_000_000);
        Assert.Null((await reads[1]).Error);
        Assert.Equal([start + 1_000_000_000, start + 2_000_000_000], ends);
        Assert.Equal(2, link.Stats.BusySeconds);

        Task<LayerRead> Timed(int layer)
        {
            var end = new TaskCompletionSource<LayerRead>(TaskCreationOptions.RunContinuationsAsynchronously);
            link.BeginRead(layer, layer, read =>
            {
                ends[layer] = time.GetTimestamp();
                end.SetResult(read);
            });
            return end.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    /// <summary>Walks two passes over random layers that straddle two files, at odd offsets, and compares every tensor.</summary>
    private static async Task<LinkStats> CheckPasses(StreamFolder folder, int seed, LinkOptions options)
    {
        var random = new Random(seed);
        string[] files = [folder.Add("a", 700_001, seed), folder.Add("b", 900_123, seed + 1)];
        OffloadedLayer[] layers = [.. Enumerable.Range(0, 5).Select(l => new OffloadedLayer(l * 2, [.. Enumerable.Range(0, random.Next(1, 10)).Select(i =>
        {
            int file = random.Next(2);
            int length = file == 0 ? 700_001 : 900_123;
            int offset = random.Next(length);
            int bytes = random.Next(1, (random.Next(3) == 0 ? length : Math.Min(length, offset + 9000)) - offset + 1);
            return StreamFolder.Tensor($"t{i}", files[file], offset, bytes, (WeightType)random.Next(3));
        })]))];
        using var link = new CheckpointLink(layers, options);
        var reads = new Queue<Task<LayerRead>>();
        int next = 0;
        for (int done = 0; done < 2 * layers.Length; done++)
        {
            for (; next < 2 * layers.Length && next < done + options.Slots; next++)
                reads.Enqueue(link.Read(layers[next % layers.Length].Layer, next % options.Slots));
            LayerRead read = await reads.Dequeue();
            Assert.Equal(new LayerRead(layers[done % layers.Length].Layer, done % options.Slots, null), read);
            IReadOnlyList<TensorInfo> tensors = link.Ring.Layout(read.Layer).Tensors;
            for (int i = 0; i < tensors.Count; i++)
            {
                Assert.Equal(LinkReads.Expected(tensors[i]), link.Ring.Bytes(read.Slot, read.Layer, i));
                Assert.Equal(0, link.Ring.TensorAddress(read.Slot, read.Layer, i) % (tensors[i].Type == WeightType.Float32 ? 4 : 2));
            }
        }
        Assert.Equal(2 * layers.Sum(l => link.Ring.Layout(l.Layer).HullBytes), link.Stats.BytesRead);
        return link.Stats;
    }
}
