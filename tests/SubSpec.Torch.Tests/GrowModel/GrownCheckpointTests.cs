using SubSpec.Core;
using SubSpec.GrowModel;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Safetensors;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.GrowModel;

public sealed unsafe class GrownCheckpointTests(EnlargedDemo enlarged) : IClassFixture<EnlargedDemo>
{
    [Fact]
    public void Every_tensor_has_the_bytes_of_the_file()
    {
        var file = Checkpoint.Open(enlarged.Folder);
        var grown = new GrownCheckpoint(new GrownModel(EnlargedDemo.Options("none")));

        Assert.Equal(file.Names.Order(), grown.Names.Order());
        foreach (string name in grown.Names)
        {
            (TensorInfo written, TensorInfo made) = (file.Find(name), grown.Find(name));
            Assert.Equal((written.Type, written.Bytes, true), (made.Type, made.Bytes, made.IsGenerated));
            Assert.Equal(written.Shape, made.Shape);
            Assert.True(Read(file, written).AsSpan().SequenceEqual(Read(grown, made)), name);
        }
    }

    [Fact]
    public void Any_source_gives_the_bytes_of_its_file()
    {
        using var folder = new TemporaryFolder();
        TinyQwen2.Write(folder.Path, layers: 2);
        var options = new GrowOptions(folder.Path, folder.File("out"), 3 * 48, 2 * 80, 5, 0.7, -4);
        new ModelGrower(options).Run(_ => { }, CancellationToken.None);
        var file = Checkpoint.Open(options.Out);
        var grown = new GrownCheckpoint(new GrownModel(options));

        foreach (string name in file.Names) Assert.True(Read(file, file.Find(name)).AsSpan().SequenceEqual(Read(grown, grown.Find(name))), name);
    }

    [Fact]
    public void Any_piece_can_be_read_on_its_own_from_any_thread()
    {
        var grown = new GrownCheckpoint(new GrownModel(EnlargedDemo.Options("none")));
        TensorInfo tensor = grown.Find("model.layers.1.mlp.down_proj.weight");
        byte[] whole = Read(grown, tensor);
        int row = 2 * tensor.Shape[1];
        (int Offset, int Bytes)[] pieces = [(0, 1), (0, row), (row - 1, 2), (3 * row, 2 * row), (row / 2, row), (7, 5), (whole.Length - 3, 3), (whole.Length - row - 1, row + 1), (4, 40 * row)];

        Parallel.ForEach(pieces, piece =>
            Assert.Equal(whole[piece.Offset..(piece.Offset + piece.Bytes)], Read(grown, tensor with { Offset = piece.Offset, Bytes = piece.Bytes })));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(grown, tensor with { Offset = whole.Length - 3, Bytes = 4 }));
    }

    [Fact]
    public void A_tensor_that_is_not_there_is_named() =>
        Assert.Contains("no tensor \"model.layers.10.", Assert.Throws<BadInputException>(
            () => new GrownCheckpoint(new GrownModel(EnlargedDemo.Options("none"))).Find("model.layers.10.mlp.down_proj.weight")).Message, StringComparison.Ordinal);

    [Fact]
    public void Another_size_noise_or_seed_is_another_content()
    {
        GrowOptions options = EnlargedDemo.Options("none");
        string[] prints = [.. new[] { options, options with { Out = "elsewhere" }, options with { Seed = 2 }, options with { Noise = 0.5 }, options with { Layers = 11 } }
            .Select(o => new GrownCheckpoint(new GrownModel(o)).Fingerprint)];

        Assert.Equal(prints[0], prints[1]);
        Assert.Equal(4, prints.Distinct().Count());
    }

    private static byte[] Read(ITensorSource source, TensorInfo tensor)
    {
        byte[] bytes = new byte[tensor.Bytes];
        fixed (byte* start = bytes) source.Read(tensor, start);
        return bytes;
    }
}
