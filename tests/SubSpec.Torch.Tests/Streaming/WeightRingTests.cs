using SubSpec.Torch.Streaming;
using static SubSpec.Torch.Tests.Streaming.StreamFolder;

namespace SubSpec.Torch.Tests.Streaming;

public class WeightRingTests
{
    private static readonly LayerLayout[] _layouts =
    [
        LayerLayout.Plan(3, [Tensor("a", "f", 100, 5000), Tensor("b", "f", 5100, 7)], _ => 1 << 20),
        LayerLayout.Plan(5, [Tensor("a", "f", 8192, 20_000)], _ => 1 << 20),
    ];

    [Fact]
    public void Every_slot_fits_the_largest_layer_and_starts_on_a_page()
    {
        using var ring = new WeightRing(_layouts, 3);
        Assert.Equal(20_480, ring.SlotBytes);
        Assert.Equal(3 * 20_480, ring.Bytes);
        nint[] starts = [.. Enumerable.Range(0, 3).Select(slot =>
        {
            ring.Slots.BeginFill(slot);
            ring.Slots.EndFill(slot, 5);
            return ring.TensorAddress(slot, 5, "a");
        })];
        Assert.All(starts, start => Assert.Equal(0, start % 4096));
        Assert.Equal([20_480, 20_480], starts.Zip(starts.Skip(1), (a, b) => (int)(b - a)));
        Assert.Equal(ring.TensorAddress(2, 5, 0), starts[2]);
    }

    [Fact]
    public void An_address_is_given_only_for_the_layer_that_the_slot_holds()
    {
        using var ring = new WeightRing(_layouts, 2);
        Assert.Throws<InvalidOperationException>(() => ring.TensorAddress(0, 3, 0));
        ring.Slots.BeginFill(0);
        Assert.Throws<InvalidOperationException>(() => ring.TensorAddress(0, 3, 0));
        ring.Slots.EndFill(0, 3);
        Assert.Equal(5000, ring.TensorAddress(0, 3, "b") - ring.TensorAddress(0, 3, "a"));
        Assert.Throws<InvalidOperationException>(() => ring.TensorAddress(0, 5, 0));
        Assert.Throws<InvalidOperationException>(() => ring.TensorAddress(1, 3, 0));
        ring.Slots.BeginFill(0);
        ring.Slots.EndFill(0, null);
        Assert.Throws<InvalidOperationException>(() => ring.TensorAddress(0, 3, 0));
    }

    [Fact]
    public void A_slot_is_not_filled_twice_at_once()
    {
        using var ring = new WeightRing(_layouts, 1);
        ring.Slots.BeginFill(0);
        Assert.Throws<InvalidOperationException>(() => ring.Slots.BeginFill(0));
        ring.Slots.EndFill(0, 3);
        ring.Slots.BeginFill(0);
    }

    [Fact]
    public void Names_and_layers_that_do_not_exist_are_refused()
    {
        using var ring = new WeightRing(_layouts, 1);
        ring.Slots.BeginFill(0);
        ring.Slots.EndFill(0, 3);
        Assert.Throws<ArgumentException>(() => ring.TensorAddress(0, 3, "c"));
        Assert.Throws<ArgumentException>(() => ring.Layout(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WeightRing(_layouts, 0));
    }

    [Fact]
    public void A_disposed_ring_gives_no_address()
    {
        var ring = new WeightRing(_layouts, 1);
        ring.Slots.BeginFill(0);
        ring.Slots.EndFill(0, 3);
        ring.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ring.TensorAddress(0, 3, 0));
    }
}
