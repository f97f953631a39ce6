using System.Collections.Immutable;
using SubSpec.Core.Generation;

namespace SubSpec.Server.Http.Requests;

/// <summary>A request that was read and found valid, as far as that can be said without the model.</summary>
/// <param name="Field">Where the prompts stand, for errors: <c>messages</c> or <c>prompt</c>.</param>
/// <param name="TopLogProbs">As <see cref="GenerationRequest.TopLogProbs"/>.</param>
internal sealed record AnswerRequest(string Field, ImmutableArray<Prompt> Prompts, GenerationSettings Settings, int? TopLogProbs)
{
    /// <summary>Sequences that it takes.</summary>
    public int Sequences => Prompts.Length * Settings.Choices;

    /// <summary>Whether the model may call tools.</summary>
    public bool HasTools => Prompts[0] is Prompt.Chat { Variables.Tools: not null };
}
