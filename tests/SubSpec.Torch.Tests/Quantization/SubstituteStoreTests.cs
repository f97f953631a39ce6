using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Quantization;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.Quantization;

// Counts the native memory of the whole process: nothing else may run meanwhile.
[CollectionDefinition(nameof(SubstituteStoreTests), DisableParallelization = true)]
[Collection(nameof(SubstituteStoreTests))]
public sealed class SubstituteStoreTests : IDisposable
{
    private static readonly string[] Names = ["layers.0.q_proj", "layers.0.down_proj", "layers.1.q_proj"];

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
        Assert.False(built.Report.Loaded);
        Assert.True(loaded.Report.Loaded);
        Assert.Equal(Names.Length, _source.Reads);
        Assert.Equal(built.Report.RelativeError, loaded.Report.RelativeError);
        Assert.InRange(built.Report.RelativeError, 0.01, 0.2);
        Assert.Equal(built.Report.CacheFile, loaded.Report.CacheFile);
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
    public void Another_checkpoint_bit_width_or_list_of_weights_is_built_anew()
    {
        Open().Dispose();
        using SubstituteSet changed = Open(Source("checkpoint-2")), wider = Open(bits: 8), fewer = Open(names: Names[..2]), again = Open();
        Assert.All(new[] { changed, wider, fewer }, set => Assert.False(set.Report.Loaded));
        Assert.True(again.Report.Loaded);
        Assert.Equal(4, Directory.GetFiles(Cache).Length);
        Assert.True(wider.Report.RelativeError < fewer.Report.RelativeError / 10);
    }

    [Fact]
    public void A_file_under_the_name_of_another_checkpoint_is_stale()
    {
        using SubstituteSet first = Open(), second = Open(Source("checkpoint-2"));
        File.Copy(first.Report.CacheFile!, second.Report.CacheFile!, overwrite: true);
        using SubstituteSet again = Open(Source("checkpoint-2")), then = Open(Source("checkpoint-2"));
        Assert.False(again.Report.Loaded);
        Assert.True(then.Report.Loaded);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.01)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void A_truncated_file_is_built_anew(double part) => AssertRebuilt(file => file[..(int)(file.Length * part)]);

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(-1)]
    [InlineData(-3000)]
    public void A_file_with_one_wrong_byte_is_built_anew(int at) => AssertRebuilt(file =>
    {
        file[at < 0 ? file.Length + at : at] ^= 0x10;
        return file;
    });

    [Fact]
    public void A_default_folder_that_cannot_be_written_is_one_warning()
    {
        File.WriteAllText(Cache, "a file where the folder should be");
        using SubstituteSet set = Open(isExplicit: false);
        Assert.Single(_warnings);
        Assert.Contains(Cache, _warnings[0], StringComparison.Ordinal);
        Assert.False(set.Report.Loaded);
        Assert.Null(set.Report.CacheFile);
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
        using SubstituteSet set = SubstituteStore.LoadOrBuild(_source, Names, new QuantizationSettings(), null, false, _team, null, _warnings.Add);
        Assert.Null(set.Report.CacheFile);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Building_leaves_no_other_file_and_no_memory_behind()
    {
        long live = NativeBuffer.LiveBytes;
        using (SubstituteSet set = Open()) Assert.Equal([set.Report.CacheFile!], Directory.GetFiles(Cache));
        Assert.Equal(live, NativeBuffer.LiveBytes);
    }

    [Fact]
    public void Progress_counts_every_weight()
    {
        var progress = new Recorder();
        SubstituteStore.LoadOrBuild(_source, Names, new QuantizationSettings(), Cache, false, _team, progress).Dispose();
        Assert.Equal(Names.Select((name, i) => new QuantizationProgress(i + 1, Names.Length, name)), progress.Seen);
    }

    [Fact]
    public void A_weight_that_is_missing_or_not_finite_is_named()
    {
        var broken = new FakeTensorSource(new Dictionary<string, float[,]> { ["bad"] = new float[,] { { 1, float.NaN } } }, "broken");
        Assert.Contains("bad", Assert.Throws<BadInputException>(() => Open(broken, names: ["bad"])).Message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => Open(names: ["none"]));
    }

    public void Dispose()
    {
        _team.Dispose();
        _folder.Dispose();
    }

    private SubstituteSet Open(FakeTensorSource? source = null, int bits = 4, string[]? names = null, bool isExplicit = true) =>
        SubstituteStore.LoadOrBuild(source ?? _source, names ?? Names, new QuantizationSettings(bits), Cache, isExplicit, _team, null, _warnings.Add);

    private void AssertRebuilt(Func<byte[], byte[]> damage)
    {
        using SubstituteSet built = Open();
        string file = built.Report.CacheFile!;
        File.WriteAllBytes(file, damage(File.ReadAllBytes(file)));
        using SubstituteSet rebuilt = Open(), loaded = Open();
        Assert.False(rebuilt.Report.Loaded);
        Assert.True(loaded.Report.Loaded);
        AssertSame(built, rebuilt);
        AssertSame(built, loaded);
    }

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

    private sealed class Recorder : IProgress<QuantizationProgress>
    {
        public List<QuantizationProgress> Seen { get; } = [];

        public void Report(QuantizationProgress value) => Seen.Add(value);
    }
}
