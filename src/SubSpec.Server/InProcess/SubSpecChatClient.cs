using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using SubSpec.Actors.Client;
using SubSpec.Core;
using SubSpec.Server.Http;
using SubSpec.Server.Http.Chat;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Http.Requests;

namespace SubSpec.Server.InProcess;

/// <summary>
/// The model of this process as a chat client. Its requests go the way of those to <c>/v1/chat/completions</c>: the same options are
/// honoured, the same are refused, and the same seed gives the same tokens.
/// </summary>
internal sealed class SubSpecChatClient(
    RequestGate gate, Generator generator, RequestJournal journal, ModelHost models, ServiceModel model, ServeLimits limits, TimeProvider time) : IChatClient
{
    private readonly ChatApi _api = new();
    private readonly ChatClientMetadata _metadata = new("subspec", null, model.Name);

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        List<ChatResponseUpdate> updates = await RunAsync(messages, options, streamed: false, cancellationToken).ToListAsync(cancellationToken);
        ChatResponse response = updates.ToChatResponse();
        // What the last one says is about the whole answer.
        (response.AdditionalProperties, response.RawRepresentation) = (updates[^1].AdditionalProperties, updates[^1].RawRepresentation);
        return response;
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return RunAsync(messages, options, streamed: true, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(models) ? models : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Nothing: the model belongs to the service provider.</summary>
    public void Dispose()
    {
    }

    /// <exception cref="BadInputException">Messages or options cannot be used, or the model cannot be loaded.</exception>
    /// <exception cref="RequestRejectedException">Too many requests are under way.</exception>
    /// <exception cref="EngineFailedException">The engine failed, or the provider is being disposed of, or was.</exception>
    private async IAsyncEnumerable<ChatResponseUpdate> RunAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, bool streamed, [EnumeratorCancellation] CancellationToken cancel)
    {
        string id = Asker.NewId();
        var recording = new Recording(id, _api.Name, model.Name, time) { Streamed = streamed };
        (int status, string? code) = (RequestJournal.ClientClosedRequest, null);
        try
        {
            await using Generation generation = await TryAsync(StartAsync());
            var updates = new UpdateWriter(generation.Context);
            while (await TryAsync(generation.WaitAsync(cancel).AsTask()))
                while (generation.TryRead(out ChoiceEvent happened))
                    foreach (ChatResponseUpdate update in updates.Next(happened.Event)) yield return update;
            status = StatusCodes.Status200OK;
        }
        finally
        {
            journal.Write(recording.End(status, code));
        }

        async Task<Generation> StartAsync()
        {
            RequestGate.Place place = gate.Enter();
            try
            {
                AnswerRequest request = _api.Read(RequestWriter.Write(messages, options), model.Defaults, limits);
                var asker = new Asker(id, SessionHeader.Named(request.Settings.CacheKey, "prompt_cache_key"), "");
                // Whoever asks first waits until the model is there.
                await models.StartAsync().WaitAsync(cancel);
                return await generator.StartAsync(place, request, asker, recording, cancel);
            }
            catch
            {
                place.Dispose();
                throw;
            }
        }

        async Task<T> TryAsync<T>(Task<T> step)
        {
            try
            {
                return await step;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception e)
            {
                ApiException error = ErrorTranslation.Of(e).Error;
                (status, code) = (error.Status, error.Code ?? error.Type);
                if (e is BadInputException or RequestRejectedException or EngineFailedException) throw;
                throw Public(e);
            }
        }
    }

    /// <summary>What callers can catch by its type.</summary>
    private static Exception Public(Exception e) => e switch
    {
        ApiException { Status: StatusCodes.Status429TooManyRequests } => new RequestRejectedException(Rejection.QueueFull, e.Message),
        ApiException { Status: < StatusCodes.Status500InternalServerError } => new BadInputException(e.Message, e),
        _ => new EngineFailedException(e.Message, e),
    };
}
