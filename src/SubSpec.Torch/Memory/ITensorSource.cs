namespace SubSpec.Torch.Memory;

/// <summary>Where the tensors of a model come from: a validated checkpoint on disk, or what makes them when they are asked for.</summary>
public interface ITensorSource
{
    /// <summary>Identifies the exact content used for cache keys: of a checkpoint the names, sizes and modification times of the files and a hash of their headers.</summary>
    string Fingerprint { get; }

    /// <summary>The names of all tensors.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Where the tensor lies and what it is. Throws <see cref="Core.BadInputException"/> for a name that the model does not have.</summary>
    TensorInfo Find(string name);

    /// <summary>
    /// Reads the payload, or the part of it that <paramref name="tensor"/> was cut down to, into <paramref name="destination"/> (<see cref="TensorInfo.Bytes"/> bytes),
    /// leaving nothing in the page cache. From several threads at once, if need be.
    /// </summary>
    unsafe void Read(TensorInfo tensor, byte* destination);

    /// <summary>To be called wherever weights are read behind this object's back, by direct I/O.</summary>
    /// <exception cref="Core.BadInputException">Size or modification time of a file differ from when it was opened.</exception>
    void CheckUnchanged();
}

/// <summary>One tensor of a checkpoint.</summary>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="File">Resolved path of the regular file that holds it; of a generated tensor what it is made from, for messages.</param>
/// <param name="Offset">First byte in that file, absolute; of a generated tensor in its payload.</param>
/// <param name="Bytes">Payload length.</param>
public sealed record TensorInfo(string Name, WeightType Type, IReadOnlyList<int> Shape, string File, long Offset, long Bytes)
{
    /// <summary>It lies in no file: only <see cref="ITensorSource.Read"/> has its bytes.</summary>
    public bool IsGenerated { get; init; }
}
