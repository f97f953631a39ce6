namespace SubSpec.Server;

/// <summary>What <see cref="IInferenceHostFactory.StartAsync"/> is doing.</summary>
public enum LoadStage
{
    /// <summary>Reading and checking headers, planning.</summary>
    Opening,

    /// <summary>Reading what is resident.</summary>
    LoadingWeights,

    /// <summary>Quantizing substitutes that no cache holds yet.</summary>
    BuildingSubstitutes,

    /// <summary>Reading offloaded layers into pinned memory of the host.</summary>
    PinningLayers,

    /// <summary>Copying resident weights and substitutes to the device.</summary>
    UploadingWeights,

    /// <summary>Proving that rows are computed alike in any batch.</summary>
    Probing,
}

/// <summary>How far loading is.</summary>
/// <param name="Fraction">Of this stage, 0 to 1.</param>
/// <param name="Remaining">Estimated rest of this stage; null while unknown.</param>
public readonly record struct LoadProgress(LoadStage Stage, double Fraction, TimeSpan? Remaining);
