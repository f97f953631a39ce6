using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Quantization;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.Quantization;

// Counts the native memory of the whole process: nothing else may run meanwhile.
[CollectionDefinition(nameof(SubstituteStoreTests), DisableParallelization = true)]
[Collection(nameof(SubstituteStoreTests))]
public sealed unsafe class SubstituteStoreTests : IDisposable
{
    private static readonly string[] Names = ["layers.0.q_proj", "layers.0.down_proj", "layers.1.q_proj"];

    private static readonly SubstitutePart[] Parts = [new("layer-000", Names[..2], new()), new("layer-001", Names[2..], new())];

    private readonly TemporaryFolder _folder = new();
    private readonly ComputeTeam _team = new(2);
    private readonly List<string> _warnings = [];
    private readonly FakeTensorSource _source = Source("checkpoint-1");

    private string Cache => Path.Combine(_folder.Path, "cache");

    [Fact]
    public void Substitutes_are_built_once_and_then_loaded_unchanged()
    {
        using SubstituteSet built = Open();
        using SubstituteSet loaded = Open();
        Assert.Equal((2, 0), Counts(built));
        Assert.Equal((0, 2), Counts(loaded));
        Assert.Equal(Names.Length, _source.Reads);
        Assert.Equal(built.Report().RelativeError, loaded.Report().RelativeError);
        Assert.InRange(built.Report().RelativeError, 0.01, 0.2);
        Assert.Equal(built.CacheFolder, loaded.CacheFolder);
        Assert.Equal(Names.Sum(n => built[n].Bytes), loaded.Bytes);
        AssertSame(built, loaded);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_substitute_is_what_the_quantizer_makes_of_its_weight()
    {
        using SubstituteSet set = Open();
        using TestWeight weight = TestWeight.Normal(40, 100, WeightType.Float32, seed: 2);
        using NativeBuffer memory = weight.Quantize(_team, 4, out QuantizedMatrix expected, out _);
        Assert.Equal(TestWeight.Dequantize(expected), TestWeight.Dequantize(set[Names[1]]));
    }

    [Fact]
    public void Another_checkpoint_or_bit_width_is_built_anew()
    {
        Open().Dispose();
        using SubstituteSet changed = Open(Source("checkpoint-2")), wider = Open(bits: 8), again = Open();
        Assert.Equal([(2, 0), (2, 0), (0, 2)], new[] { changed, wider, again }.Select(Counts));
        Assert.Equal(3, Directory.GetDirectories(Cache).Length);
        Assert.True(wider.Report().RelativeError < again.Report().RelativeError / 10);
    }

    [Fact]
    public void Parts_of_several_bit_widths_are_one_set_with_one_progress()
    {
        SubstitutePart[] mixed = [Parts[0], Parts[1] with { Settings = new(8) }];
        var progress = new Recorder();
        using SubstituteSet built = SubstituteStore.LoadOrBuild(_source, mixed, Cache, true, _team, progress: progress);
        using SubstituteSet loaded = SubstituteStore.LoadOrBuild(_source, mixed, Cache, true, _team), low = Open(), high = Open(bits: 8);
        AssertSame(built, loaded);
        Assert.Equal([(1, 1), (1, 1)], new[] { low, high }.Select(Counts));
        Assert.Equal(TestWeight.Dequantize(low[Names[1]]), TestWeight.Dequantize(built[Names[1]]));
        Assert.Equal(TestWeight.Dequantize(high[Names[2]]), TestWeight.Dequantize(built[Names[2]]));
        Assert.Equal(low.Report(p => p.Name == "layer-000").RelativeError, built.Report(p => p.Name == "layer-000").RelativeError);
        Assert.Equal([0.336, 0.664, 1.0], progress.Seen.Select(p => Math.Round((double)p.Done / p.Total, 3)));
    }

    [Fact]
    public void Another_plan_makes_only_the_layers_that_are_missing()
    {
        using SubstituteSet second = Open(parts: [Parts[1]]), both = Open(), first = Open(parts: [Parts[0]]);
        Assert.Equal([(1, 0), (1, 1), (0, 1)], new[] { second, both, first }.Select(Counts));
        Assert.Equal(Names.Length, _source.Reads);
        Assert.Equal(TestWeight.Dequantize(second[Names[2]]), TestWeight.Dequantize(both[Names[2]]));
        Assert.Equal(TestWeight.Dequantize(both[Names[0]]), TestWeight.Dequantize(first[Names[0]]));
    }

    [Fact]
    public void An_interrupted_build_goes_on_where_it_stopped()
    {
        var interrupt = new Interrupt(after: Names[1]);
        Assert.Throws<OperationCanceledException>(() => SubstituteStore.LoadOrBuild(_source, Parts, Cache, true, _team, progress: interrupt));
        // The last weight of the first layer was told before its file was written.
        Assert.Throws<OperationCanceledException>(() => SubstituteStore.LoadOrBuild(_source, Parts, Cache, true, _team, progress: new Interrupt(after: Names[2])));
        using SubstituteSet rest = Open();
        Assert.Equal((1, 1), Counts(rest));
    }

    [Fact]
    public void What_a_killed_process_left_goes_away_and_what_another_one_writes_stays()
    {
        string folder = Path.GetDirectoryName(PathOf(0))!;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, ".layer-000.safetensors.1.tmp"), "left behind");
        using (var written = new FileStream(Path.Combine(folder, ".layer-001.safetensors.2.tmp"), FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            Open().Dispose();
            Assert.Equal([written.Name, PathOf(0), PathOf(1)], Directory.GetFiles(folder).Order());
        }
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_file_under_the_name_of_another_layer_is_stale()
    {
        using SubstituteSet first = Open();
        File.Copy(PathOf(0), PathOf(1), overwrite: true);
        using SubstituteSet again = Open(), then = Open();
        Assert.Equal((1, 1), Counts(again));
        Assert.Equal((0, 2), Counts(then));
        AssertSame(first, again);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.01)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void A_truncated_file_is_built_anew(double part)
    {
        AssertRebuilt(file => file[..(int)(file.Length * part)]);
        Assert.EndsWith("layer-001.safetensors is damaged or cut short", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_damaged_files_are_one_warning()
    {
        using SubstituteSet built = Open();
        foreach (int part in new[] { 0, 1 }) File.WriteAllBytes(PathOf(part), []);
        using SubstituteSet again = Open();
        Assert.Equal((2, 0), Counts(again));
        Assert.EndsWith("layer-000.safetensors is damaged or cut short, and 1 more", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(-1)]
    [InlineData(-300)]
    public void A_file_with_one_wrong_byte_is_built_anew(int at) => AssertRebuilt(file =>
    {
        file[at < 0 ? file.Length + at : at] ^= 0x10;
        return file;
    });

    [Theory]
    [InlineData(64)]
    [InlineData(1)]
    public void A_file_whose_payload_lies_at_no_page_boundary_is_read_as_well(int alignment)
    {
        // As earlier versions wrote them: at multiples of 64 bytes.
        using SubstituteSet built = Open();
        foreach (int part in new[] { 0, 1 }) RawSafetensors.Realign(PathOf(part), alignment);
        using SubstituteSet loaded = Open();
        Assert.Equal((0, 2), Counts(loaded));
        Assert.Empty(_warnings);
        AssertSame(built, loaded);
    }

    [Fact]
    public void A_weight_that_is_made_in_blocks_is_what_the_whole_would_be()
    {
        // More than two blocks of 64 MiB, the last of them no whole tile.
        const int Out = 1_060_007, In = 32;
        var values = new float[Out, In];
        var random = new Random(4);
        for (int row = 0; row < Out; row++)
            for (int column = 0; column < In; column++) values[row, column] = random.NextSingle() - 0.5f;
        var source = new FakeTensorSource(new Dictionary<string, float[,]> { ["head"] = values }, "large");
        var progress = new Recorder();
        using SubstituteSet blocks = SubstituteStore.LoadOrBuild(source, [new("head", ["head"], new(3))], null, false, _team, progress: progress);

        using var exact = new NativeBuffer(4L * Out * In);
        using var memory = new NativeBuffer(QuantizedMatrix.BytesOf(3, Out, In));
        fixed (float* from = values) Buffer.MemoryCopy(from, exact.Pointer, exact.Bytes, 4L * Out * In);
        HqqQuantizer.Quantize(_team, new WeightMatrix((nint)exact.Pointer, WeightType.Float32, Out, In), new QuantizedMatrix((nint)memory.Pointer, 3, Out, In));

        Assert.Equal(3, source.Reads);
        Assert.Equal(3, progress.Seen.Count);
        Assert.Equal(4L * Out * In, progress.Seen[^1].Done);
        Assert.True(new ReadOnlySpan<byte>((byte*)blocks["head"].Data, (int)blocks["head"].Bytes).SequenceEqual(new ReadOnlySpan<byte>(memory.Pointer, (int)blocks["head"].Bytes)));
    }

    [Fact]
    public void Blocks_keep_within_the_memory_that_there_is()
    {
        // Room for two tiles of the second weight, and for less than one of the others: a tile it is, then.
        const int Room = 2 * 16 * 100 * 4;
        long before = NativeBuffer.LiveBytes, most = 0;
        var watch = new Watch(() => most = Math.Max(most, NativeBuffer.LiveBytes - before));
        using SubstituteSet whole = Open(), blocks = SubstituteStore.LoadOrBuild(_source, Parts, null, false, _team, Room, watch);
        AssertSame(whole, blocks);
        Assert.Equal(2 * NativeBuffer.Rounded(Names[..2].Sum(n => whole[n].Bytes)) + 2 * NativeBuffer.Rounded(whole[Names[2]].Bytes) + NativeBuffer.Rounded(Room), most);
    }

    [Fact]
    public void A_default_folder_that_cannot_be_written_is_one_warning()
    {
        File.WriteAllText(Cache, "a file where the folder should be");
        using SubstituteSet set = Open(isExplicit: false);
        Assert.Single(_warnings);
        Assert.Contains(Cache, _warnings[0], StringComparison.Ordinal);
        Assert.Equal((2, 0), Counts(set));
        Assert.Null(set.CacheFolder);
        Assert.NotEqual(0, set[Names[0]].Bytes);
    }

    [Fact]
    public void A_folder_named_by_the_user_that_cannot_be_written_is_an_error_before_any_work()
    {
        File.WriteAllText(Cache, "a file where the folder should be");
        long live = NativeBuffer.LiveBytes;
        var e = Assert.Throws<BadInputException>(() => Open(isExplicit: true));
        Assert.Contains(Cache, e.Message, StringComparison.Ordinal);
        Assert.Equal(0, _source.Reads);
        Assert.Equal(live, NativeBuffer.LiveBytes);
    }

    [Fact]
    public void Without_a_folder_nothing_is_written()
    {
        using SubstituteSet set = SubstituteStore.LoadOrBuild(_source, Parts, null, false, _team, warn: _warnings.Add);
        Assert.Null(set.CacheFolder);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Building_leaves_no_other_file_and_no_memory_behind()
    {
        long live = NativeBuffer.LiveBytes;
        using (SubstituteSet set = Open()) Assert.Equal([PathOf(0), PathOf(1)], Directory.GetFiles(Cache, "*", SearchOption.AllDirectories).Order());
        Assert.Equal(live, NativeBuffer.LiveBytes);
    }

    [Fact]
    public void Progress_counts_every_weight()
    {
        var progress = new Recorder();
        SubstituteStore.LoadOrBuild(_source, Parts, Cache, false, _team, progress: progress).Dispose();
        long total = 4 * (64 * 64 + 40 * 100 + 64 * 64);
        Assert.Equal([(16384, total, Names[0]), (32384, total, Names[1]), (total, total, Names[2])], progress.Seen.Select(p => (p.Done, p.Total, p.Name)));
        Assert.Equal(progress.Seen.Select(p => p.Elapsed).Order(), progress.Seen.Select(p => p.Elapsed));
    }

    [Theory]
    [InlineData(25, 10, 30.0)]
    [InlineData(100, 10, 0.0)]
    [InlineData(25, 0.5, null)]
    public void The_rest_is_estimated_once_there_is_something_to_go_by(long done, double seconds, double? left)
    {
        Assert.Equal(left, new QuantizationProgress(done, 100, "weight", TimeSpan.FromSeconds(seconds)).Left?.TotalSeconds);
    }

    [Fact]
    public void A_weight_that_is_missing_or_not_finite_is_named()
    {
        var broken = new FakeTensorSource(new Dictionary<string, float[,]> { ["bad"] = new float[,] { { 1, float.NaN } } }, "broken");
        Assert.Contains("bad", Assert.Throws<BadInputException>(() => Open(broken, parts: [new("layer-000", ["bad"], new())])).Message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => Open(parts: [new("layer-000", ["none"], new())]));
    }

    public void Dispose()
    {
        _team.Dispose();
        _folder.Dispose();
    }

    private SubstituteSet Open(FakeTensorSource? source = null, int bits = 4, SubstitutePart[]? parts = null, bool isExplicit = true) =>
        SubstituteStore.LoadOrBuild(
            source ?? _source, [.. (parts ?? Parts).Select(p => p with { Settings = new(bits) })], Cache, isExplicit, _team, warn: _warnings.Add);

    private void AssertRebuilt(Func<byte[], byte[]> damage)
    {
        using SubstituteSet built = Open();
        string file = PathOf(1);
        File.WriteAllBytes(file, damage(File.ReadAllBytes(file)));
        using SubstituteSet rebuilt = Open(), loaded = Open();
        Assert.Equal((1, 1), Counts(rebuilt));
        Assert.Equal((0, 2), Counts(loaded));
        AssertSame(built, rebuilt);
        AssertSame(built, loaded);
    }

    private static (int Built, int Loaded) Counts(SubstituteSet set) => (set.Report().Built, set.Report().Loaded);

    private string PathOf(int part) => Path.Combine(SubstituteCacheFile.FolderOf(Cache, _source.Fingerprint, new()), $"{Parts[part].Name}.safetensors");

    private static void AssertSame(SubstituteSet expected, SubstituteSet actual)
    {
        Assert.Equal(expected.Names, actual.Names);
        Assert.All(expected.Names, name => Assert.Equal(TestWeight.Dequantize(expected[name]), TestWeight.Dequantize(actual[name])));
    }

    private static FakeTensorSource Source(string fingerprint) => new(
        new Dictionary<string, float[,]> { [Names[0]] = Weight(64, 64, 1), [Names[1]] = Weight(40, 100, 2), [Names[2]] = Weight(64, 64, 3) }, fingerprint);

    private static float[,] Weight(int outFeatures, int inFeatures, int seed)
    {
        using TestWeight weight = TestWeight.Normal(outFeatures, inFeatures, WeightType.Float32, seed);
        var values = new float[outFeatures, inFeatures];
        Buffer.BlockCopy(weight.Values, 0, values, 0, weight.Values.Length * sizeof(float));
        return values;
    }

    private sealed class Interrupt(string after) : IProgress<QuantizationProgress>
    {
        public void Report(QuantizationProgress value)
        {
            if (value.Name == after) throw new OperationCanceledException();
        }
    }

    private sealed class Watch(Action look) : IProgress<QuantizationProgress>
    {
        public void Report(QuantizationProgress value) => look();
    }

    private sealed class Recorder : IProgress<QuantizationProgress>
    {
        public List<QuantizationProgress> Seen { get; } = [];

        public void Report(QuantizationProgress value) => Seen.Add(value);
    }
}
