using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Tests.Streaming;

[Collection(nameof(ProcessWideCounters))]
public sealed class LinkFailureTests : IDisposable
{
    private readonly StreamFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_failing_request_fails_its_layer_after_the_others_ended_and_a_retry_succeeds()
    {
        int requests = 0;
        using var link = Link(2, fault: _ => Interlocked.Increment(ref requests) == 3 ? new IOException("on purpose") : null, requestBytes: 8192);

        LayerRead failed = await link.Read(0, 0);

        Assert.Equal("on purpose", Assert.IsAssignableFrom<IOException>(failed.Error).Message);
        Assert.Throws<InvalidOperationException>(() => link.Ring.TensorAddress(0, 0, 0));
        Assert.Null((await link.Read(0, 0)).Error);
        Assert.Equal(LinkReads.Expected(link.Ring.Layout(0).Tensors[0]), link.Ring.Bytes(0, 0, 0));
    }

    [Fact]
    public async Task Any_other_exception_of_a_request_becomes_an_io_error_that_says_where()
    {
        using var link = Link(1, fault: _ => new UnauthorizedAccessException("no"));
        LayerRead failed = await link.Read(0, 0);
        Assert.Contains("model.safetensors", Assert.IsType<IOException>(failed.Error).Message);
    }

    [Fact]
    public async Task A_file_changed_between_reads_is_bad_input()
    {
        OffloadedLayer[] layers = _folder.AddLayers(2, 50_000);
        using var link = new CheckpointLink(layers, new LinkOptions(2));
        Assert.Null((await link.Read(0, 0)).Error);
        long before = link.Stats.BytesRead;

        File.SetLastWriteTimeUtc(layers[0].Tensors[0].File, DateTime.UtcNow.AddSeconds(-100));

        Assert.Contains("changed on disk", Assert.IsType<BadInputException>((await link.Read(1, 1)).Error).Message);
        Assert.Equal(before, link.Stats.BytesRead);
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(200_000)]
    public async Task A_file_resized_during_a_read_is_bad_input(long length)
    {
        OffloadedLayer[] layers = _folder.AddLayers(2, 50_000);
        using var link = new CheckpointLink(layers, new LinkOptions(2), TimeProvider.System, request =>
        {
            using FileStream writer = StreamFolder.Writer(request.File.Path);
            writer.SetLength(length);
            return null;
        });

        Assert.Contains("changed on disk", Assert.IsType<BadInputException>((await link.Read(0, 0)).Error).Message);
        Assert.Throws<InvalidOperationException>(() => link.Ring.TensorAddress(0, 0, 0));
    }

    [Fact]
    public async Task Cancelled_reads_complete_after_their_requests_and_the_link_goes_on()
    {
        using var hold = new Hold(0);
        using var link = Link(3, fault: hold.Wait, slots: 3, readers: 1, requestBytes: 4096);
        Task<LayerRead>[] reads = [link.Read(0, 0), link.Read(1, 1), link.Read(2, 2)];
        hold.UntilReached();
        link.CancelReads();
        Assert.DoesNotContain(reads, r => r.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => link.BeginRead(1, 0, _ => { }));

        hold.Release();

        foreach (LayerRead read in await Task.WhenAll(reads)) Assert.IsType<OperationCanceledException>(read.Error);
        Assert.Equal(4096, link.Stats.BytesRead);
        Assert.Null((await link.Read(2, 0)).Error);
    }

    [Fact]
    public async Task Cancelling_frees_a_throttled_link_at_once()
    {
        var time = new ManualTime();
        using var link = new CheckpointLink(_folder.AddLayers(1, 4096, header: 0), new LinkOptions(1, BytesPerSecond: 4096), time);
        Task<LayerRead> read = link.Read(0, 0);
        time.Advance(400_000_000);
        link.CancelReads();
        Assert.IsType<OperationCanceledException>((await read).Error);

        read = link.Read(0, 0);
        time.Advance(1_000_000_000);
        Assert.Null((await read).Error);
        Assert.Equal(1.4, link.Stats.BusySeconds);
    }

    [Fact]
    public async Task Disposal_waits_for_the_requests_in_flight_and_completes_every_read()
    {
        using var hold = new Hold(0);
        CheckpointLink link = Link(2, fault: hold.Wait, slots: 2, readers: 1);
        Task<LayerRead>[] reads = [link.Read(0, 0), link.Read(1, 1)];
        hold.UntilReached();
        Task disposal = Task.Run(link.Dispose);
        Assert.True(SpinWait.SpinUntil(() => Record.Exception(() => link.BeginRead(1, 1, _ => { })) is ObjectDisposedException, TimeSpan.FromSeconds(60)));
        Assert.False(disposal.IsCompleted);

        hold.Release();

        await disposal.Within();
        foreach (LayerRead read in await Task.WhenAll(reads)) Assert.IsType<OperationCanceledException>(read.Error);
        Assert.Throws<ObjectDisposedException>(() => link.BeginRead(0, 0, _ => { }));
    }

    [Fact]
    public async Task Disposal_from_a_completion_is_refused_instead_of_waiting_for_itself()
    {
        using var link = Link(1, fault: _ => null);
        var refused = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        link.BeginRead(0, 0, _ => refused.SetResult(Record.Exception(link.Dispose)));
        Assert.IsType<InvalidOperationException>(await refused.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Null((await link.Read(0, 0)).Error);
    }

    [Fact]
    public async Task Nothing_is_left_behind_by_a_link_or_by_one_that_could_not_be_made()
    {
        OffloadedLayer[] layers = _folder.AddLayers(3, 50_000);
        OffloadedLayer outside = new(9, [StreamFolder.Tensor("w", layers[0].Tensors[0].File, 100_000, 100_000)]);
        long baseline = NativeBuffer.LiveBytes;
        for (int i = 0; i < 3; i++)
        {
            using (var link = new CheckpointLink(layers, new LinkOptions(2)))
            {
                await Task.WhenAll(link.Read(0, 0), link.Read(1, 1));
                Assert.Equal(baseline + link.Ring.Bytes, NativeBuffer.LiveBytes);
                Assert.Single(OpenDescriptors.FlagsOf(_folder.Name));
            }
            Assert.Throws<BadInputException>(() => new CheckpointLink([.. layers, outside], new LinkOptions(2)));
            Assert.Throws<ArgumentOutOfRangeException>(() => new CheckpointLink(layers, new LinkOptions(2, Readers: 0)));
        }
        Assert.Equal(baseline, NativeBuffer.LiveBytes);
        Assert.Empty(OpenDescriptors.FlagsOf(_folder.Name));
    }

    private CheckpointLink Link(int layers, Func<ReadRequest, Exception?> fault, int slots = 1, int readers = 4, int requestBytes = 1 << 20) =>
        new(_folder.AddLayers(layers, 50_000), new LinkOptions(slots, null, readers, requestBytes), TimeProvider.System, fault);
}
