using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Http.Generating;

/// <summary>
/// Prompts to token ids at the service's edge: a prompt that cannot be served is refused at once and not after its turn in the queue,
/// and choices share one encoding. A few at a time, so that long prompts do not take all processors.
/// </summary>
internal sealed class PromptEncoder : IDisposable
{
    private const int AtOnce = 2;

    private readonly SemaphoreSlim _turns = new(AtOnce);

    /// <param name="field">Where the prompt stands in the request.</param>
    /// <exception cref="ApiException">It has no tokens, too many, or some that the model does not have.</exception>
    public async Task<ImmutableArray<int>> EncodeAsync(IInferenceHost host, Prompt prompt, string field, CancellationToken cancel)
    {
        await _turns.WaitAsync(cancel);
        try
        {
            ImmutableArray<int> tokens = await Task.Run(() => Encode(host, prompt, field), cancel);
            if (tokens.IsEmpty) throw ApiException.Bad(field, $"'{field}' has no tokens: give some text");
            if (tokens.Length >= host.Limits.Context) throw ApiException.TooLong(field, tokens.Length, host.Limits.Context);
            return tokens;
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private static ImmutableArray<int> Encode(IInferenceHost host, Prompt prompt, string field)
    {
        try
        {
            return prompt switch
            {
                Prompt.Chat chat => [.. host.Codec.EncodeChat(chat.Messages, addGenerationPrompt: true, chat.Variables)],
                Prompt.Text text => [.. host.Codec.EncodePrompt(text.Value)],
                Prompt.Tokens tokens => Known(tokens.Ids, host.Limits.VocabularySize, field),
                _ => throw new InvalidOperationException($"a prompt cannot be {prompt.GetType().Name}"),
            };
        }
        catch (BadInputException e)
        {
            throw ApiException.Bad(field, e.Message);
        }
    }

    private static ImmutableArray<int> Known(ImmutableArray<int> ids, int vocabulary, string field)
    {
        foreach (int id in ids)
            if ((uint)id >= (uint)vocabulary) throw ApiException.Bad(field, $"token id {id} in '{field}' is not in the vocabulary: ids are 0 to {vocabulary - 1}");
        return ids;
    }
}
