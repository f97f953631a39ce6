using SubSpec.Core.Engine;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;
using SubSpec.Torch.Tests.Streaming;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>The link of the GPU over a fake runtime: bytes, order, failures, and what is given back.</summary>
[Collection(nameof(ProcessWideCounters))]
public class DeviceLinkTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_layer_arrives_byte_for_byte_in_any_slot(bool fromDisk)
    {
        using var bench = new LinkBench(fromDisk: fromDisk);
        for (int pass = 0; pass < 4; pass++)
        {
            for (int layer = 0; layer < 5; layer++)
            {
                int slot = (pass + layer) % 3;
                Assert.Null((await bench.Read(layer, slot)).Error);
                Assert.True(bench.Holds(slot, layer));
                bench.Ring.Consumed(slot);
            }
        }
        Assert.Empty(bench.Cuda.Violations);
        Assert.Equal(4 * 5 * 75_000, bench.Link.Stats.BytesRead);
        Assert.Equal(75_000, bench.Link.LayerBytes(2));
    }

    [Fact]
    public async Task A_layer_is_announced_when_its_copy_has_landed_and_not_before()
    {
        using var bench = new LinkBench();
        bench.Cuda.HoldCopies();

        Task<LayerRead> read = bench.Read(0, 0);

        Assert.Throws<InvalidOperationException>(() => bench.Ring.TensorAddress(0, 0, 0));
        Assert.False(read.IsCompleted);
        bench.Cuda.ReleaseCopies();
        Assert.Null((await read).Error);
        Assert.True(bench.Holds(0, 0));
    }

    [Fact]
    public async Task A_slot_is_filled_again_only_after_compute_is_done_with_it()
    {
        using var bench = new LinkBench();
        await bench.Read(0, 0);
        nint inSlot = bench.Ring.TensorAddress(0, 0, 0);
        byte[] first = LinkReads.Expected(bench.Layers[0].Tensors[0]), second = LinkReads.Expected(bench.Layers[1].Tensors[0]);
        bench.Cuda.HoldCompute();
        bench.Ring.Consumed(0);

        // The host is through with the slot; the device is not.
        Task<LayerRead> read = bench.Read(1, 0);
        Assert.False(read.IsCompleted);
        Assert.Equal(first, Memory(inSlot, first.Length));

        bench.Cuda.ReleaseCompute();
        Assert.Null((await read).Error);
        Assert.Equal(second, Memory(inSlot, second.Length));
    }

    [Fact]
    public async Task Copies_into_free_slots_do_not_wait_for_compute()
    {
        using var bench = new LinkBench();
        await bench.Read(0, 0);
        bench.Cuda.HoldCompute();
        bench.Ring.Consumed(0);

        Assert.Null((await bench.Read(1, 1)).Error);
        Assert.Null((await bench.Read(2, 2)).Error);

        bench.Cuda.ReleaseCompute();
    }

    [Fact]
    public async Task Reads_are_announced_in_the_order_in_which_they_were_begun()
    {
        using var bench = new LinkBench(fromDisk: true);
        bench.Cuda.HoldCopies();
        var order = new List<int>();
        var all = new TaskCompletionSource();
        for (int layer = 0; layer < 3; layer++)
        {
            bench.Link.BeginRead(layer, layer, read =>
            {
                order.Add(read.Layer);
                if (order.Count == 3) all.SetResult();
            });
        }
        bench.Cuda.ReleaseCopies();
        await all.Task.Within();
        Assert.Equal([0, 1, 2], order);
    }

    [Fact]
    public async Task A_slot_of_the_host_is_read_into_again_only_after_its_copy_has_landed()
    {
        // Two slots on the host, three on the device: the third read waits for a copy.
        using var bench = new LinkBench(fromDisk: true);
        bench.Cuda.HoldCopies();
        Task<LayerRead>[] reads = [bench.Read(0, 0), bench.Read(1, 1), bench.Read(2, 2)];

        Assert.All(reads, r => Assert.False(r.IsCompleted));
        bench.Cuda.ReleaseCopies();
        await Task.WhenAll(reads);

        Assert.All(Enumerable.Range(0, 3), i => Assert.True(bench.Holds(i, i)));
        Assert.Empty(bench.Cuda.Violations);
    }

    [Theory]
    [InlineData("cudaMemcpyAsync")]
    [InlineData("cudaEventRecord")]
    [InlineData("cudaStreamWaitEvent")]
    [InlineData("cudaEventSynchronize")]
    [InlineData("cudaSetDevice")]
    public async Task A_call_that_fails_is_the_reads_error_and_the_slot_can_be_tried_again(string call)
    {
        using var bench = new LinkBench();
        bench.Cuda.Fault = name => name == call ? 700 : null;

        LayerRead failed = await bench.Read(0, 0);

        var error = Assert.IsType<CudaException>(failed.Error);
        Assert.Equal(700, error.Code);
        Assert.Contains(call, error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => bench.Ring.TensorAddress(0, 0, 0));
        bench.Cuda.Fault = null;
        Assert.Null((await bench.Read(0, 0)).Error);
        Assert.True(bench.Holds(0, 0));
    }

    [Fact]
    public async Task A_copy_that_fails_half_way_leaves_nothing_under_way_in_its_slot()
    {
        using var bench = new LinkBench();
        int copies = 0;
        bench.Cuda.Fault = name => name == "cudaMemcpyAsync" && ++copies == 2 ? 700 : null;
        bench.Cuda.HoldCopies();

        // Asking for the copy waits for the part of it that is under way, so somebody else has to let it go on.
        Task<LayerRead> read = Task.Run(() => bench.Read(0, 0));
        Assert.False(read.IsCompleted);
        bench.Cuda.ReleaseCopies();

        Assert.IsType<CudaException>((await read).Error);
    }

    [Fact]
    public async Task An_error_of_the_disk_reaches_the_one_who_asked()
    {
        using var cuda = new FakeCuda();
        using var folder = new StreamFolder();
        OffloadedLayer[] layers = LinkBench.Write(folder, 2, 50_000);
        using var host = new DiskLayers(cuda, layers, 1, request => request.Read.Layout.Layer == 1 ? new IOException("injected") : null);
        using var arena = new DeviceArena(cuda, 2 * DeviceRing.SlotBytesFor(layers[0].Tensors.Select(t => t.Bytes)));
        using var ring = new DeviceRing(cuda, arena, host.Layouts, 2);
        using var link = new DeviceLink(cuda, 0, host, ring, null, TimeProvider.System);
        foreach ((int layer, bool fails) in new[] { (0, false), (1, true), (0, false), (1, true) })
        {
            var end = new TaskCompletionSource<LayerRead>(TaskCreationOptions.RunContinuationsAsynchronously);
            link.BeginRead(layer, layer, end.SetResult);
            await end.Task.Within();
            Assert.Equal(fails, (await end.Task).Error is IOException);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelled_reads_still_end_and_their_slots_can_be_used(bool fromDisk)
    {
        using var bench = new LinkBench(fromDisk: fromDisk);
        bench.Cuda.HoldCopies();
        Task<LayerRead>[] reads = [bench.Read(0, 0), bench.Read(1, 1), bench.Read(2, 2)];
        bench.Link.CancelReads();
        bench.Cuda.ReleaseCopies();

        Assert.All(await Task.WhenAll(reads), r => Assert.IsType<OperationCanceledException>(r.Error));
        Assert.Null((await bench.Read(3, 0)).Error);
        Assert.True(bench.Holds(0, 3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposal_waits_for_copies_under_way_and_gives_everything_back(bool fromDisk)
    {
        using var cuda = new FakeCuda();
        long before = NativeBuffer.LiveBytes;
        var bench = new LinkBench(fromDisk: fromDisk, cuda: cuda);
        cuda.HoldCopies();
        Task<LayerRead> read = bench.Read(0, 0);

        Task disposal = Task.Run(bench.Dispose);
        cuda.ReleaseCopies();
        await disposal.Within();

        // It landed or was given up; either way it was told.
        Assert.Equal(0, (await read).Layer);
        Assert.Empty(cuda.Violations);
        Assert.True(cuda.IsEmpty);
        Assert.Equal(before, NativeBuffer.LiveBytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_call_fails_while_a_link_is_built_nothing_stays(bool fromDisk)
    {
        int failures = 0;
        for (int failing = 1; ; failing++)
        {
            using var cuda = new FakeCuda();
            int calls = 0;
            cuda.Fault = _ => ++calls == failing ? 2 : null;
            try
            {
                Build(cuda, fromDisk);
            }
            catch (CudaException)
            {
                failures++;
                Assert.True(cuda.IsEmpty, $"call {failing}");
                continue;
            }
            break;
        }
        // Pinning, the ring's events, the stream and the link's own events at least.
        Assert.InRange(failures, 7, 40);
    }

    [Fact]
    public async Task A_device_that_has_died_does_not_keep_a_link_from_ending()
    {
        using var cuda = new FakeCuda();
        var bench = new LinkBench(cuda: cuda);
        await bench.Read(0, 0);
        cuda.Fault = _ => 719;

        Assert.IsType<CudaException>((await bench.Read(1, 1)).Error);
        bench.Link.Dispose();
        bench.Host.Dispose();
    }

    [Fact]
    public void Pinned_memory_wastes_less_than_two_percent_and_is_unregistered_once()
    {
        using var cuda = new FakeCuda();
        using var folder = new StreamFolder();
        OffloadedLayer[] layers = LinkBench.Write(folder, 3, 3_000_000);
        long payload = layers.Sum(l => l.Tensors.Sum(t => t.Bytes)), told = 0;
        var host = new PinnedLayers(cuda, layers, loaded: bytes => told += bytes);

        Assert.InRange(host.Bytes, payload, payload * 1.02);
        Assert.Equal(host.Bytes, cuda.PinnedBytes);
        Assert.Equal(host.Bytes, PinnedLayers.BytesFor(layers));
        Assert.InRange(told, payload, host.Bytes);
        host.Dispose();
        host.Dispose();
        Assert.True(cuda.IsEmpty);
    }

    [Fact]
    public void A_checkpoint_that_is_cut_off_is_refused_and_nothing_stays_pinned()
    {
        using var cuda = new FakeCuda();
        using var folder = new StreamFolder();
        OffloadedLayer[] layers = LinkBench.Write(folder, 3, 50_000);
        using (FileStream file = StreamFolder.Writer(layers[0].Tensors[0].File)) file.SetLength(100_000);

        Assert.Throws<Core.BadInputException>(() => new PinnedLayers(cuda, layers));
        Assert.True(cuda.IsEmpty);
    }

    [Fact]
    public async Task A_link_that_is_slowed_down_takes_as_long_as_asked()
    {
        using var bench = new LinkBench(bytesPerSecond: 1e6);
        double before = bench.Link.Stats.BusySeconds;

        await Task.WhenAll(bench.Read(0, 0), bench.Read(1, 1));

        // At least 150 000 bytes at a megabyte a second.
        Assert.InRange(bench.Link.Stats.BusySeconds - before, 0.15, double.MaxValue);
    }

    [Fact]
    public void An_arena_hands_out_what_was_planned_and_not_a_byte_more()
    {
        using var cuda = new FakeCuda { TotalBytes = 4096 };
        using (var arena = new DeviceArena(cuda, 1000))
        {
            Assert.Equal(0, arena.Take(700) % DeviceArena.Alignment);
            Assert.Equal(768, arena.Used);
            arena.Take(256);
            Assert.Throws<InvalidOperationException>(() => arena.Take(1));
            Assert.Equal(FakeCuda.OutOfMemory, Assert.Throws<CudaException>(() => new DeviceArena(cuda, 4096)).Code);
        }
        Assert.True(cuda.IsEmpty);
    }

    private static void Build(FakeCuda cuda, bool fromDisk)
    {
        using var folder = new StreamFolder();
        OffloadedLayer[] layers = LinkBench.Write(folder, 3, 50_000);
        using IHostLayers host = fromDisk ? new DiskLayers(cuda, layers, 2) : new PinnedLayers(cuda, layers);
        using var arena = new DeviceArena(cuda, 1 << 20);
        using var ring = new DeviceRing(cuda, arena, host.Layouts, 2);
        using var link = new DeviceLink(cuda, 0, host, ring, null, TimeProvider.System);
    }

    private static unsafe byte[] Memory(nint address, int bytes) => new ReadOnlySpan<byte>((void*)address, bytes).ToArray();
}
