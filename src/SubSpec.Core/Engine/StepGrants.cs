using System.Collections.Immutable;

namespace SubSpec.Core.Engine;

/// <summary>
/// When draft steps may run: policy that the schedule decides and the compute actors obey, since drafting and verifying share one
/// compute thread. A draft round and a pass both carry grants: before a layer the larger number counts. When a pass that the round
/// has lived through ends, the rest of its steps may run at once, so that no round is left without an end.
/// </summary>
/// <param name="AtOnce">Steps that may run as soon as the message arrives.</param>
/// <param name="BeforeLayer">Steps that an open pass lets run before layer k, where that layer is not there yet; empty for none.</param>
public sealed record StepGrants(int AtOnce, ImmutableArray<int> BeforeLayer)
{
    /// <summary>Steps before every layer that <see cref="BeforeLayer"/> does not reach.</summary>
    public int BeforeOthers { get; init; }

    /// <summary>Draft to the end without waiting for a pass.</summary>
    public static StepGrants Unlimited { get; } = new(int.MaxValue, []);

    /// <summary>No draft step inside the pass.</summary>
    public static StepGrants None { get; } = new(0, []);

    /// <summary>So many steps whenever the pass has to wait for a layer, however many layers there are.</summary>
    public static StepGrants BeforeEachLayer(int steps) => new(0, []) { BeforeOthers = steps };

    /// <summary>Steps granted before layer <paramref name="layer"/>.</summary>
    public int StepsBefore(int layer) => (uint)layer < (uint)BeforeLayer.Length ? BeforeLayer[layer] : BeforeOthers;
}
