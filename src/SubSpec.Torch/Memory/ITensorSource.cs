namespace SubSpec.Torch.Memory;

/// <summary>Where the tensors of a model come from: a validated checkpoint on disk.</summary>
public interface ITensorSource
{
    /// <summary>Identifies the exact content used for cache keys: names, sizes and modification times of the files and a hash of their headers.</summary>
    string Fingerprint { get; }

    /// <summary>The names of all tensors.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Where the tensor lies and what it is. Throws <see cref="Core.BadInputException"/> for a name that the model does not have.</summary>
    TensorInfo Find(string name);

    /// <summary>Reads the payload into <paramref name="destination"/> (<see cref="TensorInfo.Bytes"/> bytes), leaving nothing in the page cache.</summary>
    unsafe void Read(TensorInfo tensor, byte* destination);
}

/// <summary>One tensor of a checkpoint.</summary>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="File">Resolved path of the regular file that holds it.</param>
/// <param name="Offset">First byte in that file, absolute.</param>
/// <param name="Bytes">Payload length.</param>
public sealed record TensorInfo(string Name, WeightType Type, IReadOnlyList<int> Shape, string File, long Offset, long Bytes);
