namespace SubSpec.Torch.Engine;

/// <summary>What of building an engine may take long.</summary>
public enum BuildStep
{
    /// <summary>Reading offloaded layers into pinned memory of the host.</summary>
    PinningLayers,

    /// <summary>Copying what stays in the fast tier to the device.</summary>
    UploadingWeights,

    /// <summary>Proving that rows are computed alike in any batch.</summary>
    Probing,
}

/// <summary>How far building an engine is.</summary>
/// <param name="Done">Bytes of this step that are done; 0 where it is not counted.</param>
/// <param name="Total">Bytes of this step; more than 0.</param>
public readonly record struct BuildProgress(BuildStep Step, long Done, long Total);
