namespace SubSpec.Torch.Models;

/// <summary>The tensor names of one layer. Biases and head norms are null where the family has none.</summary>
internal sealed record LayerTensors
{
    public required string InputNorm { get; init; }

    public required string Query { get; init; }

    public required string Key { get; init; }

    public required string Value { get; init; }

    public required string Output { get; init; }

    public required string PostNorm { get; init; }

    public required string Gate { get; init; }

    public required string Up { get; init; }

    public required string Down { get; init; }

    public string? QueryBias { get; init; }

    public string? KeyBias { get; init; }

    public string? ValueBias { get; init; }

    /// <summary>The seven linears, in the order in which a layer uses them: what is offloaded and what substitutes are made of.</summary>
    public string[] Linears => [Query, Key, Value, Output, Gate, Up, Down];
}
