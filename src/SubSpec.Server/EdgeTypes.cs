using SubSpec.Actors.Client;
using Edge = SubSpec.Core.Generation;

namespace SubSpec.Server;

/// <summary>Turns the service's requests into the actors' and their events back.</summary>
internal static class EdgeTypes
{
    public static GenerationRequest From(Edge.GenerationRequest request) => new()
    {
        Prompt = request.Prompt switch
        {
            Edge.Prompt.Text text => new Prompt.Text(text.Value),
            Edge.Prompt.Chat chat => new Prompt.Chat(chat.Messages),
            Edge.Prompt.Tokens tokens => new Prompt.Tokens(tokens.Ids),
            _ => throw new ArgumentException($"unknown prompt {request.Prompt.GetType().Name}", nameof(request)),
        },
        Sampling = request.Sampling,
        MaxTokens = request.MaxTokens,
        Stop = request.Stop,
    };

    public static Edge.GenerationEvent? From(GenerationEvent happened) => happened switch
    {
        TextDelta delta => new Edge.GenerationEvent.Delta(delta.Text, delta.Tokens),
        Completed completed => new Edge.GenerationEvent.Finished(From(completed.Result)),
        _ => null,
    };

    private static Edge.GenerationResult From(GenerationResult result) => new(
        result.Text,
        result.TokenIds,
        result.PromptTokens,
        result.FinishReason switch { "stop" => Edge.FinishReason.Stop, "length" => Edge.FinishReason.Length, _ => Edge.FinishReason.Cancelled },
        result.Seed,
        result.Rounds,
        result.AcceptanceHistogram,
        result.Times.PrefillSeconds,
        result.Times.DecodeSeconds);
}
