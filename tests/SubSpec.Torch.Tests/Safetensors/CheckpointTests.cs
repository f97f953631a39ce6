using System.Text.Json;
using SubSpec.Core;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Safetensors;

namespace SubSpec.Torch.Tests.Safetensors;

public sealed class CheckpointTests : IDisposable
{
    private const string TwoTensors = """{"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},"q":{"dtype":"I64","shape":[1],"data_offsets":[12,20]}}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_single_file_is_found_and_read()
    {
        File.WriteAllBytes(_folder.File("model.safetensors"), RawSafetensors.Bytes(TwoTensors, 20));
        Checkpoint checkpoint = Checkpoint.Open(_folder.Path);
        TensorInfo a = checkpoint.Find("a");

        Assert.Equal(["a", "q"], checkpoint.Names.Order());
        Assert.Equal((WeightType.BFloat16, 12), (a.Type, a.Bytes));
        Assert.Equal([2, 3], a.Shape);
        Assert.Equal(_folder.File("model.safetensors"), a.File);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], ReadAll(checkpoint, a));
    }

    [Fact]
    public void Payloads_larger_than_a_chunk_are_read_whole()
    {
        byte[] payload = new byte[10_000_002];
        new Random(3).NextBytes(payload);
        using (var writer = new SafetensorsWriter(_folder.File("model.safetensors"), [new("pad", SafetensorsDtype.U8, [2]), new("w", SafetensorsDtype.F32, [2500, 1000])]))
        {
            writer.Write("pad", payload.AsSpan(0, 2));
            writer.Write("w", payload.AsSpan(2));
            writer.Complete();
        }
        Checkpoint checkpoint = Checkpoint.Open(_folder.Path);

        Assert.True(payload.AsSpan(2).SequenceEqual(ReadAll(checkpoint, checkpoint.Find("w"))));
        Assert.Equal(0, PageCache.ResidentPages(_folder.File("model.safetensors")));
    }

    [Fact]
    public void Other_dtypes_are_listed_and_refused_when_asked_for()
    {
        File.WriteAllBytes(_folder.File("model.safetensors"), RawSafetensors.Bytes(TwoTensors, 20));
        Checkpoint checkpoint = Checkpoint.Open(_folder.Path);

        Assert.Contains(checkpoint.Tensors, t => t is { Name: "q", Dtype: SafetensorsDtype.I64 });
        Assert.Contains("\"q\": dtype I64 is not supported", Assert.Throws<BadInputException>(() => checkpoint.Find("q")).Message);
        Assert.Contains("no tensor \"z\"", Assert.Throws<BadInputException>(() => checkpoint.Find("z")).Message);
    }

    [Fact]
    public void Shards_are_found_through_the_index()
    {
        WriteShards("one-00001-of-00002.safetensors", "one-00002-of-00002.safetensors");
        Checkpoint checkpoint = Checkpoint.Open(_folder.Path);

        Assert.Equal(["x", "y"], checkpoint.Names.Order());
        Assert.Equal(_folder.File("one-00002-of-00002.safetensors"), checkpoint.Find("y").File);
        Assert.Equal([1, 2, 3, 4], ReadAll(checkpoint, checkpoint.Find("y")));
        Assert.Equal(2, checkpoint.Files.Count);
    }

    [Theory]
    [InlineData("../evil.safetensors")]
    [InlineData("/etc/evil.safetensors")]
    [InlineData("sub/evil.safetensors")]
    [InlineData("..\\evil.safetensors")]
    [InlineData("evil.bin")]
    [InlineData("")]
    [InlineData("a\u0000.safetensors")]
    public void An_index_that_leaves_its_folder_is_refused(string file)
    {
        File.WriteAllText(_folder.File("model.safetensors.index.json"), JsonSerializer.Serialize(new { weight_map = new Dictionary<string, string> { ["x"] = file } }));

        string message = Assert.Throws<BadInputException>(() => Checkpoint.Open(_folder.Path)).Message;
        Assert.Contains("\"weight_map\".x", message);
        Assert.Contains("no plain name", message);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"weight_map":[]}""")]
    [InlineData("""{"weight_map":{"x":1}}""")]
    [InlineData("""{"weight_map":{"x":"a.safetensors","x":"b.safetensors"}}""")]
    [InlineData("""{"weight_map":{"x":"missing.safetensors"}}""")]
    [InlineData("""{"weight_map":{"not-there":"s.safetensors"}}""")]
    public void A_bad_index_is_refused(string index)
    {
        File.WriteAllBytes(_folder.File("s.safetensors"), RawSafetensors.Bytes(TwoTensors, 20));
        File.WriteAllText(_folder.File("model.safetensors.index.json"), index);

        Assert.Contains(_folder.Path, Assert.Throws<BadInputException>(() => Checkpoint.Open(_folder.Path)).Message);
    }

    [Fact]
    public void Links_into_a_blobs_folder_are_followed()
    {
        string blobs = Directory.CreateDirectory(_folder.File("blobs")).FullName;
        string snapshot = Directory.CreateDirectory(_folder.File("snapshots/abc")).FullName;
        File.WriteAllBytes(Path.Combine(blobs, "0123"), RawSafetensors.Bytes(TwoTensors, 20));
        File.CreateSymbolicLink(Path.Combine(snapshot, "model.safetensors"), "../../blobs/0123");
        Checkpoint checkpoint = Checkpoint.Open(snapshot);

        Assert.Equal(Path.Combine(blobs, "0123"), checkpoint.Find("a").File);
        Assert.Equal(12, ReadAll(checkpoint, checkpoint.Find("a")).Length);
    }

    [Fact]
    public void What_is_no_regular_file_is_refused()
    {
        string path = _folder.File("model.safetensors");
        string Message() => Assert.Throws<BadInputException>(() => Checkpoint.Open(_folder.Path)).Message;

        Assert.Contains("neither model.safetensors nor", Message());
        File.CreateSymbolicLink(path, "/dev/zero");
        Assert.Contains("not a regular file", Message());
        File.Delete(path);
        Directory.CreateDirectory(path);
        Assert.Contains("not a regular file", Message());
        Assert.Contains("no such folder", Assert.Throws<BadInputException>(() => Checkpoint.Open(_folder.File("none"))).Message);
    }

    [Fact]
    public void A_change_on_disk_is_found()
    {
        string path = _folder.File("model.safetensors");
        var before = new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.WriteAllBytes(path, RawSafetensors.Bytes(TwoTensors, 20));
        File.SetLastWriteTimeUtc(path, before);
        Checkpoint checkpoint = Checkpoint.Open(_folder.Path);
        TensorInfo a = checkpoint.Find("a");
        checkpoint.CheckUnchanged();

        File.SetLastWriteTimeUtc(path, before.AddSeconds(1));
        Assert.Contains("checkpoint changed on disk", Assert.Throws<BadInputException>(checkpoint.CheckUnchanged).Message);
        Assert.Throws<BadInputException>(() => ReadAll(checkpoint, a));
        File.SetLastWriteTimeUtc(path, before);
        checkpoint.CheckUnchanged();

        File.WriteAllBytes(path, RawSafetensors.Bytes(TwoTensors, 20)[..^1]);
        File.SetLastWriteTimeUtc(path, before);
        Assert.Throws<BadInputException>(checkpoint.CheckUnchanged);
        File.Delete(path);
        Assert.Throws<BadInputException>(checkpoint.CheckUnchanged);
    }

    [Fact]
    public void The_fingerprint_follows_header_size_and_time()
    {
        string path = _folder.File("model.safetensors");
        var time = new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        string Fingerprint(string header, int bytes, DateTime modified)
        {
            File.WriteAllBytes(path, RawSafetensors.Bytes(header, bytes));
            File.SetLastWriteTimeUtc(path, modified);
            return Checkpoint.Open(_folder.Path).Fingerprint;
        }

        string first = Fingerprint(TwoTensors, 20, time);
        Assert.Equal(first, Fingerprint(TwoTensors, 20, time));
        Assert.Equal(4, new[] { first, Fingerprint(TwoTensors, 20, time.AddSeconds(1)), Fingerprint(TwoTensors.Replace("\"q\"", "\"r\""), 20, time), Fingerprint(TwoTensors + " ", 20, time) }.Distinct().Count());
    }

    [Fact]
    public unsafe void A_tensor_of_another_checkpoint_or_beyond_the_file_is_not_read()
    {
        File.WriteAllBytes(_folder.File("model.safetensors"), RawSafetensors.Bytes(TwoTensors, 20));
        Checkpoint checkpoint = Checkpoint.Open(_folder.Path);
        TensorInfo a = checkpoint.Find("a");

        Assert.Throws<ArgumentException>(() => ReadAll(checkpoint, a with { File = "/etc/hostname" }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReadAll(checkpoint, a with { Bytes = 21 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReadAll(checkpoint, a with { Offset = -1 }));
    }

    private void WriteShards(string first, string second)
    {
        File.WriteAllBytes(_folder.File(first), RawSafetensors.Bytes("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4));
        File.WriteAllBytes(_folder.File(second), RawSafetensors.Bytes("""{"y":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}""", 4));
        var index = new { metadata = new { total_size = 8 }, weight_map = new Dictionary<string, string> { ["x"] = first, ["y"] = second } };
        File.WriteAllText(_folder.File("model.safetensors.index.json"), JsonSerializer.Serialize(index));
    }

    private static unsafe byte[] ReadAll(Checkpoint checkpoint, TensorInfo tensor)
    {
        byte[] bytes = new byte[tensor.Bytes];
        fixed (byte* destination = bytes) checkpoint.Read(tensor, destination);
        return bytes;
    }
}
