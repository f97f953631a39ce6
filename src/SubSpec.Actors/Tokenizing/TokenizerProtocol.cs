using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Generation;

namespace SubSpec.Actors.Tokenizing;

/// <summary>Asks for a prompt's token ids.</summary>
internal sealed record EncodePrompt(SequenceId Sequence, Prompt Prompt);

internal sealed record PromptEncoded(SequenceId Sequence, ImmutableArray<int> Tokens);

/// <summary>The prompt could not be encoded.</summary>
internal sealed record PromptRefused(SequenceId Sequence, Exception Error);
