namespace SubSpec.Server;

/// <summary>What a checkpoint holds. Sizes are bytes; those that need more than <c>config.json</c> are computed from it.</summary>
/// <param name="Architecture"><c>model_type</c> of <c>config.json</c>.</param>
/// <param name="Label">As <see cref="HostInfo.Label"/>.</param>
/// <param name="Files">Weight files; 0 when only <c>config.json</c> was given.</param>
/// <param name="KvBytesPerToken">Keys and values of all layers.</param>
public sealed record ModelDescription(
    string Path,
    string Architecture,
    string? Label,
    int Layers,
    int HiddenSize,
    int IntermediateSize,
    int Heads,
    int KvHeads,
    int HeadSize,
    int VocabularySize,
    int Context,
    bool TiedEmbedding,
    string WeightType,
    long Parameters,
    long WeightBytes,
    long LayerBytes,
    long EmbeddingBytes,
    long KvBytesPerToken,
    int Files,
    int Tensors,
    bool HasChatTemplate);
