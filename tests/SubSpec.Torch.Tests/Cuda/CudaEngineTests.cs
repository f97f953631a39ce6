using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Tests.Engine;
using SubSpec.Torch.Tests.Reference;
using SubSpec.Torch.Tests.Streaming;
using Xunit.Abstractions;
using DemoModel = SubSpec.Torch.Tests.Engine.DemoModel;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>The engine of the GPU, by libtorch on the processor over a fake runtime, on the demo model.</summary>
[Collection(nameof(ProcessWideCounters))]
public class CudaEngineTests(ITestOutputHelper output)
{
    private const int Tokens = 40;

    private static readonly SamplingOptions Sampled = new() { Temperature = 0.8, Seed = 7 };

    [Fact]
    public void Plain_decoding_gives_the_story_that_the_processors_engine_gives()
    {
        using var gpu = new SimulatedEngine(DemoModel.Options);
        using var cpu = new DemoEngine();

        List<int> expected = cpu.Driver.Generate(DemoModel.Story, Tokens, DraftShape.None, SamplingOptions.Greedy);
        List<int> actual = gpu.Driver.Generate(DemoModel.Story, Tokens, DraftShape.None, SamplingOptions.Greedy);

        output.WriteLine($"{expected.Zip(actual).TakeWhile(t => t.First == t.Second).Count()} of {Tokens} tokens are equal before the first that differs");
        // Both round to bf16 in other places, so they may part where two tokens are nearly as likely.
        Assert.Equal(expected.Take(10), actual.Take(10));
        Assert.Empty(gpu.Cuda.Violations);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Drafted_trees_give_the_tokens_of_plain_decoding(bool sampled)
    {
        using var gpu = new SimulatedEngine(DemoModel.Options);
        SamplingOptions sampling = sampled ? Sampled : SamplingOptions.Greedy;
        List<int> plain = gpu.Driver.Generate(DemoModel.Story, Tokens, DraftShape.None, sampling);
        foreach (DraftShape shape in new[] { new DraftShape(12, 1, 0, 13), new DraftShape(6, 3, 0.01, 24) })
        {
            int accepted = gpu.Driver.Accepted, rounds = gpu.Driver.Rounds;
            Assert.Equal(plain, gpu.Driver.Generate(DemoModel.Story, Tokens, shape, sampling));
            output.WriteLine($"tau {(double)(gpu.Driver.Accepted - accepted) / (gpu.Driver.Rounds - rounds):F1}");
            // The substitutes are those of the processor, packed for the device: nearly all that they guess is right.
            Assert.InRange(gpu.Driver.Accepted - accepted, plain.Count / 2, plain.Count);
        }
    }

    public static TheoryData<string, SamplingOptions, bool> Choices => new()
    {
        { "greedy", SamplingOptions.Greedy, true },
        { "all tokens", Sampled, true },
        { "top-k and top-p", Sampled with { TopK = 20, TopP = 0.9 }, true },
        { "penalties", Sampled with { TopK = 30, RepetitionPenalty = 1.1, PresencePenalty = 0.2 }, true },
        { "top-p", Sampled with { TopP = 0.9 }, false },
    };

    [Theory]
    [MemberData(nameof(Choices))]
    public void A_round_is_decided_by_one_small_copy_to_the_host_as_it_would_be_by_all_logits(string name, SamplingOptions sampling, bool small)
    {
        using var gpu = new SimulatedEngine(DemoModel.Options);
        // A bias that changes nothing asks for all logits of every row.
        SamplingOptions whole = sampling with { LogitBias = ImmutableDictionary<int, float>.Empty.Add(5, 0) };
        var shape = new DraftShape(6, 2, 0, 12);
        List<int> expected = gpu.Driver.Generate(DemoModel.Story, Tokens, shape, whole);
        (int rounds, int steps) = (gpu.Driver.Rounds, gpu.Driver.DraftSteps);
        gpu.Cuda.Downloads.Clear();

        Assert.Equal(expected, gpu.Driver.Generate(DemoModel.Story, Tokens, shape, sampling));

        // One for the prompt, one a draft step, one a round.
        int copies = 1 + gpu.Driver.DraftSteps - steps + gpu.Driver.Rounds - rounds, row = sizeof(float) * gpu.Blueprint.Model.Config.Vocabulary;
        output.WriteLine($"{name}: {gpu.Cuda.Downloads.Count} copies, {gpu.Cuda.Downloads.Count(bytes => bytes == row)} of them whole rows; {copies} decisions");
        Assert.Equal(copies, gpu.Cuda.Downloads.Count(bytes => bytes != row));
        if (small) Assert.InRange(gpu.Cuda.Downloads.Count(bytes => bytes == row), 0, copies / 10);
        // 64 rows of a kilobyte or so: less than five rows of this small vocabulary.
        Assert.InRange(gpu.Cuda.Downloads.Max(), 1, 5 * row);
    }

    [Fact]
    public void A_draft_step_is_made_of_few_calls()
    {
        // Each costs the host some microseconds, and what a layer's weights take a GPU is not much more.
        const int perLayer = 21, around = 10;
        using var gpu = new SimulatedEngine(DemoModel.Options);
        gpu.Driver.Generate(DemoModel.Story, 2, DraftShape.None, SamplingOptions.Greedy);
        (long before, int rounds) = (gpu.Engine.Operations, gpu.Driver.Rounds);
        gpu.Driver.Generate(DemoModel.Story, 8, DraftShape.None, SamplingOptions.Greedy);
        double pass = (gpu.Engine.Operations - before) / (gpu.Driver.Rounds - rounds + 1.0);
        (before, rounds) = (gpu.Engine.Operations, gpu.Driver.Rounds);
        gpu.Driver.Generate(DemoModel.Story, 24, new DraftShape(6, 2, 0, 12), SamplingOptions.Greedy);

        double step = (gpu.Engine.Operations - before - (pass * (gpu.Driver.Rounds - rounds + 1))) / gpu.Driver.DraftSteps;
        output.WriteLine($"{pass:F0} calls a pass, {step:F0} a draft step of {gpu.Engine.Target.LayerCount} layers");
        Assert.InRange(step, 1, (perLayer * gpu.Engine.Target.LayerCount) + around);
        Assert.InRange(pass, 1, ((perLayer + 1) * gpu.Engine.Target.LayerCount) + around);
    }

    [Fact]
    public void Draft_steps_of_more_rows_than_whole_chunks_of_a_small_pass_stay_within_their_memory()
    {
        using var gpu = new SimulatedEngine(DemoModel.Options with { PassRows = 20, DraftRows = 20, TreeRows = 20, Context = 64 });
        int[] prompt = DemoText.Encode("Once upon a time");
        foreach (SamplingOptions sampling in new[] { Sampled, SamplingOptions.Greedy })
            Assert.Equal(gpu.Driver.Generate(prompt, 16, DraftShape.None, sampling), gpu.Driver.Generate(prompt, 16, new DraftShape(3, 17, 0, 20), sampling));

        // 1 row and then 17, which two chunks of 16 are computed for.
        Assert.InRange((double)gpu.Driver.DraftRows / gpu.Driver.DraftSteps, 6, 10);
        Assert.Empty(gpu.Cuda.Violations);
    }

    [Fact]
    public void Sequences_share_passes_and_draft_steps()
    {
        using var gpu = new SimulatedEngine(DemoModel.Options with { Sequences = 2 });
        EngineDriver.Job[] jobs =
        [
            new(DemoModel.Story, 20, new DraftShape(6, 2, 0, 12), SamplingOptions.Greedy),
            new(DemoText.Encode("The dog ran to the big tree."), 14, new DraftShape(5, 1, 0, 6), Sampled),
        ];
        List<int>[] alone = [.. jobs.Select(j => gpu.Driver.Generate(j.Prompt, j.MaxTokens, DraftShape.None, j.Sampling))];

        Assert.Equal(alone, gpu.Driver.Generate(jobs, chunkRows: 5));
    }

    [Fact]
    public void What_the_plan_says_is_taken_to_the_byte_and_all_of_it_given_back()
    {
        using var cuda = new FakeCuda();
        using (var gpu = new SimulatedEngine(DemoModel.Options, cuda))
        {
            gpu.Driver.Generate(DemoModel.Story, 8, new DraftShape(4, 2, 0, 8), SamplingOptions.Greedy);
            Assert.Equal(0, gpu.Engine.UnusedBytes);
            Assert.Equal(gpu.Blueprint.Plan.TotalBytes - DeviceFootprint.Reserve, cuda.DeviceBytes);
            Assert.InRange(gpu.Engine.PeakFastTierBytes, cuda.DeviceBytes, gpu.Blueprint.Plan.TotalBytes);
        }
        Assert.True(cuda.IsEmpty);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(1)]
    public void Resident_layers_are_not_streamed_and_change_no_token(double share)
    {
        using var offloaded = new SimulatedEngine(DemoModel.Options);
        long smallest = offloaded.Blueprint.Plan.SmallestBytes;
        using var gpu = new SimulatedEngine(DemoModel.Options with { MemoryBudget = smallest + (long)(share * (24L << 20)) });
        Assert.InRange(gpu.Blueprint.Plan.Resident, 1, 8);
        Assert.Equal(0, gpu.Engine.UnusedBytes);

        List<int> expected = offloaded.Driver.Generate(DemoModel.Story, 20, new DraftShape(8, 1, 0, 9), SamplingOptions.Greedy);

        Assert.Equal(expected, gpu.Driver.Generate(DemoModel.Story, 20, new DraftShape(8, 1, 0, 9), SamplingOptions.Greedy));
        Assert.Equal(gpu.Blueprint.Plan.Offloaded == 0, gpu.Engine.Link.Stats.BytesRead == 0);
    }

    [Fact]
    public void A_model_larger_than_the_hosts_memory_comes_through_a_pinned_ring_and_says_the_same()
    {
        using var pinned = new SimulatedEngine(DemoModel.Options);
        using var disk = new SimulatedEngine(DemoModel.Options with { HostMemory = 1 << 20 });
        List<int> expected = pinned.Driver.Generate(DemoModel.Story, 12, DraftShape.None, SamplingOptions.Greedy);

        Assert.Equal(expected, disk.Driver.Generate(DemoModel.Story, 12, DraftShape.None, SamplingOptions.Greedy));
        Assert.InRange(disk.Cuda.PinnedBytes, 1, pinned.Cuda.PinnedBytes - 1);
        Assert.Empty(disk.Cuda.Violations);
    }

    [Fact]
    public void A_device_with_less_memory_than_the_plan_is_refused_before_anything_is_taken()
    {
        using var cuda = new FakeCuda { TotalBytes = 100 << 20 };
        var blueprint = EngineBlueprint.Draw(DemoModel.Options with { CudaDevice = 0 });
        using ModelAssets assets = ModelAssets.Load(blueprint);

        BadInputException refused = Assert.Throws<BadInputException>(() => new CudaEngine(CudaDevice.Simulate(cuda), blueprint, assets));

        Assert.Contains("100MiB are free", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, cuda.PeakDeviceBytes);
        Assert.True(cuda.IsEmpty);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(80, true)]
    [InlineData(20, false)]
    public void Heads_that_a_GPU_cannot_read_are_refused(int headDim, bool possible)
    {
        Exception? refused = Record.Exception(() => CudaEngine.CheckHeads(headDim));
        Assert.Equal(possible, refused is null);
        if (!possible) Assert.Contains("multiples of 8", Assert.IsType<BadInputException>(refused).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_call_fails_while_the_engine_is_built_everything_is_given_back()
    {
        var blueprint = EngineBlueprint.Draw(DemoModel.Options with { CudaDevice = 0 });
        using ModelAssets assets = ModelAssets.Load(blueprint);
        int total = 0;
        using (var counting = new FakeCuda())
        {
            counting.Fault = call =>
            {
                if (!IsRelease(call)) Interlocked.Increment(ref total);
                return null;
            };
            using var engine = new CudaEngine(CudaDevice.Simulate(counting), blueprint, assets);
            counting.Fault = null;
        }
        var random = new Random(3);
        for (int run = 0; run < 16; run++)
        {
            using var cuda = new FakeCuda();
            int calls = 0, failing = run < 4 ? run + 1 : random.Next(1, total);
            bool copies = false;
            // Every engine probes its rows, and so reads a layer.
            assets.Deterministic = null;
            cuda.Fault = call =>
            {
                if (IsRelease(call) || Interlocked.Increment(ref calls) != failing) return null;
                copies = Thread.CurrentThread.Name == "subspec-copies";
                return 2;
            };

            Exception? error = Record.Exception(() => new CudaEngine(CudaDevice.Simulate(cuda), blueprint, assets).Dispose());

            // The thread that waits for copies needs no device of its own where there is one only.
            Assert.True(error is CudaException || (copies && error is null), $"call {failing} of {total}: {error}");
            Assert.True(cuda.IsEmpty, $"call {failing} of {total}");
        }

        // What a device does not take back stays with it.
        static bool IsRelease(string call) => call is "cudaFree" or "cudaHostUnregister" or "cudaEventDestroy" or "cudaStreamDestroy";
    }

    [Fact]
    public void A_cancelled_build_gives_everything_back()
    {
        using var cuda = new FakeCuda();
        var blueprint = EngineBlueprint.Draw(DemoModel.Options with { CudaDevice = 0 });
        using ModelAssets assets = ModelAssets.Load(blueprint);

        Assert.Throws<OperationCanceledException>(() => new CudaEngine(CudaDevice.Simulate(cuda), blueprint, assets, cancel: new CancellationToken(canceled: true)));
        Assert.True(cuda.IsEmpty);
    }

    [Fact]
    public void Substitutes_of_eight_bits_are_refused() => Assert.Contains(
        "use 3 or 4", Assert.Throws<BadInputException>(() => EngineBlueprint.Draw(DemoModel.Options with { CudaDevice = 0, SubstituteBits = 8 })).Message, StringComparison.Ordinal);
}
