using System.Collections.Immutable;

namespace SubSpec.Core.Engine;

/// <summary>
/// Everything that one device needs to run a model, built and disposed on the compute thread. <see cref="IDisposable.Dispose"/> comes after the
/// last call of any part; it cuts the reads that are still in flight, waits for their ends, and frees all memory.
/// </summary>
public interface IEngine : IDisposable
{
    ITargetPass Target { get; }

    IDraftModel Draft { get; }

    IWeightLink Link { get; }

    IKvPool Kv { get; }

    ModelLimits Limits { get; }
}

/// <summary>What a loaded model allows.</summary>
/// <param name="Context">Most tokens of a sequence, prompt and output together.</param>
/// <param name="VocabularySize">Token ids are 0 to this - 1.</param>
/// <param name="EosTokens">Tokens that end a sequence.</param>
/// <param name="RowLimit">Most rows of one pass, trees and prompt chunks of all its sequences together.</param>
public sealed record ModelLimits(int Context, int VocabularySize, ImmutableHashSet<int> EosTokens, int RowLimit);
