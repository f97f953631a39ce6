using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Core.Planning;

namespace SubSpec.Server;

/// <summary>What a checkpoint holds. Sizes are bytes; without weights they are computed from <c>config.json</c>, as if they were bf16.</summary>
/// <param name="Architecture"><c>model_type</c> of <c>config.json</c>.</param>
/// <param name="Label">As <see cref="HostInfo.Label"/>.</param>
/// <param name="Parts">Weights by part; together <paramref name="WeightBytes"/>.</param>
/// <param name="KvBytesPerToken">Keys and values of all layers.</param>
/// <param name="WeightFiles">Resolved paths; none when only <c>config.json</c> was given.</param>
/// <param name="TokenizerFiles">Where the vocabulary is read from.</param>
/// <param name="EndTokens">Choosing one of these ends an answer.</param>
/// <param name="Generation">Sampling where the command line says nothing else.</param>
/// <param name="Refused">Why the model, or a part of it, cannot be used: one line each.</param>
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
    ImmutableArray<PlanPart> Parts,
    long KvBytesPerToken,
    ImmutableArray<string> WeightFiles,
    int Tensors,
    ImmutableArray<string> TokenizerFiles,
    bool HasChatTemplate,
    ImmutableArray<int> EndTokens,
    GenerationDefaults Generation,
    ImmutableArray<string> Refused);
