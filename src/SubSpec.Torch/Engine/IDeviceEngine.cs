using SubSpec.Core.Engine;

namespace SubSpec.Torch.Engine;

/// <summary>An engine and what its start found out.</summary>
public interface IDeviceEngine : IEngine
{
    /// <summary>A row's bits do not depend on its batch.</summary>
    bool Deterministic { get; }

    /// <summary>How long it took to find that out; nothing where it was known.</summary>
    TimeSpan ProbeTime { get; }

    /// <summary>Most bytes of the fast tier that were in use at once so far.</summary>
    long PeakFastTierBytes { get; }
}
