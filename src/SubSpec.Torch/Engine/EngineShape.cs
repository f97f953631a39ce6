using SubSpec.Core;
using SubSpec.Core.Kv;
using SubSpec.Torch.Models;
using SubSpec.Torch.Native;

namespace SubSpec.Torch.Engine;

/// <summary>The sizes of an engine that follow from model and options.</summary>
/// <param name="Context">Most tokens of a prompt and its answer together.</param>
/// <param name="KvSlots">Token slots of the KV cache, in whole blocks.</param>
/// <param name="Bf16Units">The target's products go to the processor's bf16 units, through libtorch.</param>
public sealed record EngineShape(int Context, int KvSlots, int Threads, bool Bf16Units)
{
    // Libtorch takes half a second to load and 130 MB: much beside a small model, whose passes are short anyway.
    private const long WorthLibTorch = 1L << 30;

    /// <summary>Throws <see cref="BadInputException"/> for a context or a number of threads that is not possible.</summary>
    /// <param name="bf16Bytes">Of the layers' weights, those in bf16.</param>
    public static EngineShape For(ModelConfig config, EngineOptions options, long bf16Bytes)
    {
        int context = options.Context ?? Math.Min(config.MaxContext, EngineOptions.DefaultContext);
        if (context < 2 || context > config.MaxContext)
            throw new BadInputException($"a context of {context} tokens is not possible: this model takes 2 to {config.MaxContext}{WhyNotMore(config)}");
        int most = 4 * Environment.ProcessorCount, threads = options.Threads ?? Environment.ProcessorCount;
        if (threads < 1 || threads > most) throw new BadInputException($"{threads} threads are not possible: give 1 to {most}");
        int blocks = (context + options.TreeRows + KvLedger.BlockSlots - 1) / KvLedger.BlockSlots;
        return new EngineShape(context, blocks * KvLedger.BlockSlots * options.Sequences, threads, Brgemm.MayBeFast && bf16Bytes >= WorthLibTorch);
    }

    private static string WhyNotMore(ModelConfig config) =>
        config.MaxContext < config.MaxPositions ? ", the size of its sliding window (config.json: sliding_window): attention beyond it is not supported" : "";
}
