using System.Text;
using SubSpec.Torch.Safetensors;

namespace SubSpec.Torch.Tests.Safetensors;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("out.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_small_file_has_exactly_these_bytes()
    {
        using (var writer = new SafetensorsWriter(Target, [new("a", SafetensorsDtype.U8, [3])], new Dictionary<string, string> { ["k"] = "v" }))
        {
            writer.Write("a", [1, 2, 3]);
            writer.Complete();
        }

        const string json = """{"__metadata__":{"k":"v"},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""";
        byte[] expected = [248, 15, 0, 0, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(json.PadRight(4088)), 1, 2, 3];
        Assert.Equal(expected, File.ReadAllBytes(Target));
    }

    [Fact]
    public void What_is_written_in_pieces_is_read_back()
    {
        byte[] payload = new byte[4096];
        new Random(1).NextBytes(payload);
        using (var writer = new SafetensorsWriter(Target, [new("x", SafetensorsDtype.BF16, [32, 32]), new("empty", SafetensorsDtype.F32, [0, 7]), new("y \"quoted\" é", SafetensorsDtype.F32, [512])]))
        {
            for (int i = 0; i < 2048; i += 256) writer.Write("x", payload.AsSpan(i, 256));
            writer.Write("y \"quoted\" é", payload.AsSpan(2048));
            writer.Complete();
        }

        byte[] file = File.ReadAllBytes(Target);
        SafetensorsHeader header = RawSafetensors.Read(file);
        Assert.Equal(0, header.PayloadOffset % SafetensorsWriter.PayloadAlignment);
        Assert.Equal(payload, file[(int)header.PayloadOffset..]);
        Assert.Equal([512], header.Tensors["y \"quoted\" é"].Shape);
        Assert.Equal(header.PayloadOffset + 2048, header.Tensors["empty"].Offset);
    }

    [Fact]
    public void The_name_appears_only_when_complete_and_replaces_the_old_file()
    {
        File.WriteAllText(Target, "old");
        using var writer = new SafetensorsWriter(Target, [new("a", SafetensorsDtype.U8, [1])]);
        writer.Write("a", [9]);
        Assert.Equal("old", File.ReadAllText(Target));

        writer.Complete();
        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
        Assert.Equal(9, File.ReadAllBytes(Target)[^1]);
    }

    [Fact]
    public void Nothing_is_left_when_it_was_not_completed()
    {
        using (var writer = new SafetensorsWriter(Target, [new("a", SafetensorsDtype.U8, [2])]))
        {
            writer.Write("a", [1]);
            Assert.Contains("1 of 2 bytes", Assert.Throws<InvalidOperationException>(writer.Complete).Message);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Payloads_must_come_in_order_and_fit()
    {
        using var writer = new SafetensorsWriter(Target, [new("a", SafetensorsDtype.U8, [2]), new("b", SafetensorsDtype.U8, [2])]);

        Assert.Throws<InvalidOperationException>(() => writer.Write("b", [1]));
        Assert.Throws<InvalidOperationException>(() => writer.Write("a", [1, 2, 3]));
        writer.Write("a", [1, 2]);
        Assert.Throws<InvalidOperationException>(() => writer.Write("a", [1]));
        writer.Write("b", [1, 2]);
        Assert.Throws<InvalidOperationException>(() => writer.Write("b", [1]));
    }

    [Fact]
    public void Impossible_declarations_are_refused_and_leave_nothing()
    {
        SafetensorsEntry[][] bad =
        [
            [new("a", SafetensorsDtype.U8, [1]), new("a", SafetensorsDtype.U8, [1])],
            [new("__metadata__", SafetensorsDtype.U8, [1])],
            [new("a", SafetensorsDtype.U8, [-1])],
            [new("a", SafetensorsDtype.F4, [3])],
            [new("a", SafetensorsDtype.F32, [long.MaxValue, 3])],
        ];
        Assert.All(bad, tensors => Assert.Throws<ArgumentException>(() => new SafetensorsWriter(Target, tensors)));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }
}
