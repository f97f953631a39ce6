using System.Collections.Immutable;

namespace SubSpec.Core.Engine;

/// <summary>
/// The engine of one device, built as a whole and, when a part fails, rebuilt as a whole. Disposed only after compute and stream
/// threads have let go of it.
/// </summary>
public interface IEngine : IDisposable
{
    ITargetPass Target { get; }

    IDraftModel Draft { get; }

    IWeightLink Link { get; }

    IKvPool Kv { get; }

    EngineLimits Limits { get; }
}

/// <summary>What requests must fit into.</summary>
/// <param name="Context">Most tokens of a prompt and its answer together.</param>
/// <param name="Vocabulary">Token ids are below it.</param>
/// <param name="EndTokens">Choosing one of these ends an answer.</param>
/// <param name="TreeRows">Most rows of a tree, the root included.</param>
/// <param name="PassRows">Most rows of a pass.</param>
public sealed record EngineLimits(int Context, int Vocabulary, ImmutableHashSet<int> EndTokens, int TreeRows, int PassRows);
