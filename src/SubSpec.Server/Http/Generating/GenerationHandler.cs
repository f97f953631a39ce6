using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Http.Observing;
using SubSpec.Server.Http.Requests;
using SubSpec.Server.Http.Responses;
using SubSpec.Server.Http.Security;
using SubSpec.Server.Http.Streaming;
using SubSpec.Server.Http.Tools;

namespace SubSpec.Server.Http.Generating;

/// <summary>Serves a generation request of either API, from its first byte to its last.</summary>
internal sealed partial class GenerationHandler(
    RequestGate gate, IModelHost models, PromptEncoder encoder, ServiceModel model, ServeLimits limits, IEnumerable<IRequestObserver> observers, TimeProvider time, ILogger<GenerationHandler> log)
{
    private const int ClientClosedRequest = 499;
    private const long JsonSafeSeeds = 1L << 53;

    public async Task HandleAsync(HttpContext http, IGenerationApi api)
    {
        var recording = new Recording(http.TraceIdentifier, api.Name, model.Name, time);
        (int status, string? code) = (ClientClosedRequest, null);
        try
        {
            status = await AnswerAsync(http, api, recording);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            (ApiException error, bool isOurs) = ErrorTranslation.Of(e);
            (status, code) = (error.Status, error.Code ?? error.Type);
            if (!http.Response.HasStarted) throw;
            if (isOurs) LogFailure(e);
            await new EventStream(http.Response, time, http.RequestAborted).SendAsync(ErrorBody.Of(error));
        }
        finally
        {
            Publish(recording.End(status, code));
        }
    }

    private async Task<int> AnswerAsync(HttpContext http, IGenerationApi api, Recording recording)
    {
        CancellationToken aborted = http.RequestAborted;
        RequestGate.Place? place = gate.Enter();
        ModelLease? lease = null;
        try
        {
            AnswerRequest request = api.Read(await JsonBody.ReadAsync(http.Request, aborted), model.Defaults, limits);
            (recording.Streamed, recording.Choices) = (request.Settings.Stream, request.Settings.Choices);
            Check(request);
            SessionId? session = SessionHeader.Read(http.Request, request.Settings.CacheKey);
            place.Grow(request.Sequences);
            lease = await models.AcquireAsync(aborted);
            IInferenceHost host = lease.Host;
            CheckTokens(request, host);
            AnswerContext context = Context(http, request, host);
            ImmutableArray<GenerationRequest> requests = await RequestsAsync(host, request, session, Caller.Of(http).Scope, (ulong)context.Seed, aborted);

            (RequestGate.Place held, ModelLease used) = (place, lease);
            var feed = AnswerFeed.Start(host, requests, Release, aborted);
            (place, lease) = (null, null);
            try
            {
                IAnswerFormat format = api.Format(context);
                if (request.Settings.Stream) await StreamAsync(http, feed, format, request.Settings, requests.Length, recording);
                else await WholeAsync(http, feed, format, request.Settings, requests.Length, recording);
                return StatusCodes.Status200OK;
            }
            finally
            {
                await feed.DisposeAsync();
                // What was generated for nobody was generated all the same.
                while (feed.Reader.TryRead(out ChoiceEvent unread)) recording.Note(unread);
            }

            void Release()
            {
                used.Dispose();
                held.Dispose();
            }
        }
        finally
        {
            lease?.Dispose();
            place?.Dispose();
        }
    }

    private void Check(AnswerRequest request)
    {
        if (request.Settings.Model is { } asked && asked != model.Name)
            throw ApiException.NotFound("model", "model_not_found", $"there is no model '{asked}' here: use '{model.Name}', or leave 'model' out");
        if (request.Sequences > gate.Capacity)
            throw ApiException.Bad("n", $"{request.Sequences} answers at once are more than the {gate.Capacity} that can run and wait here: ask for fewer");
    }

    private static void CheckTokens(AnswerRequest request, IInferenceHost host)
    {
        foreach (int token in request.Settings.Sampling.LogitBias.Keys)
            if (token >= host.Limits.VocabularySize) throw ApiException.Bad("logit_bias", $"token {token} in 'logit_bias' is not in the vocabulary: ids are 0 to {host.Limits.VocabularySize - 1}");
    }

    private AnswerContext Context(HttpContext http, AnswerRequest request, IInferenceHost host)
    {
        IToolFormat? tools = null;
        if (request.HasTools)
        {
            tools = ToolFormats.Of(host.Codec)
                ?? throw ApiException.Unsupported("tools", $"'tools' are not supported with {model.Name}: its chat template has none, or writes calls in a form that is not known here (known are Qwen's and Llama 3's)");
        }
        return new AnswerContext(
            $"{(request.Prompts[0] is Prompt.Chat ? "chatcmpl" : "cmpl")}-{http.TraceIdentifier[4..]}", time.GetUtcNow().ToUnixTimeSeconds(), model.Name,
            request.Settings.Seed ?? Random.Shared.NextInt64(JsonSafeSeeds), request, host.Codec, host.Limits, tools);
    }

    /// <summary>One for each choice of each prompt. The first of them belongs to the session; the others run beside it.</summary>
    private async Task<ImmutableArray<GenerationRequest>> RequestsAsync(
        IInferenceHost host, AnswerRequest request, SessionId? session, string scope, ulong seed, CancellationToken cancel)
    {
        GenerationSettings settings = request.Settings;
        var requests = ImmutableArray.CreateBuilder<GenerationRequest>(request.Sequences);
        foreach (Prompt prompt in request.Prompts)
        {
            ImmutableArray<int> tokens = await encoder.EncodeAsync(host, prompt, request.Field, cancel);
            for (int choice = 0; choice < settings.Choices; choice++)
            {
                var one = new GenerationRequest
                {
                    Session = requests.Count == 0 ? session : null,
                    Scope = scope,
                    Prompt = new Prompt.Tokens(tokens),
                    Sampling = settings.Sampling with { Seed = seed, Choice = choice },
                    MaxTokens = Math.Min(settings.MaxTokens ?? int.MaxValue, host.Limits.Context - tokens.Length),
                    TopLogProbs = request.TopLogProbs,
                    Stop = settings.Stop,
                };
                one.Validate();
                requests.Add(one);
            }
        }
        return requests.MoveToImmutable();
    }

    private static async Task WholeAsync(HttpContext http, AnswerFeed feed, IAnswerFormat format, GenerationSettings settings, int count, Recording recording)
    {
        var results = new GenerationResult[count];
        await foreach (ChoiceEvent happened in feed.Reader.ReadAllAsync(http.RequestAborted))
        {
            recording.Note(happened);
            if (happened.Event is Completed completed) results[happened.Choice] = completed.Result;
        }
        ImmutableArray<GenerationResult> all = [.. results];
        await Json.WriteAsync(http.Response, format.Whole(all, AnswerTotals.Of(all, settings.Choices)), http.RequestAborted);
    }

    private async Task StreamAsync(HttpContext http, AnswerFeed feed, IAnswerFormat format, GenerationSettings settings, int count, Recording recording)
    {
        var stream = new EventStream(http.Response, time, http.RequestAborted);
        var chunks = new ChunkWriter(format, settings.Choices, count);
        while (await stream.WaitAsync(feed.Reader.WaitToReadAsync(http.RequestAborted)))
        {
            while (feed.Reader.TryRead(out ChoiceEvent happened))
            {
                recording.Note(happened);
                foreach (object chunk in chunks.Next(happened)) await stream.SendAsync(chunk);
            }
            await stream.FlushAsync();
        }
        if (settings.IncludeUsage) await stream.SendAsync(format.Usage(chunks.Totals!));
        await stream.EndAsync();
    }

    private void Publish(RequestRecord record)
    {
        LogRequest(record.Api, record.Status, record.ErrorCode ?? "ok", record.PromptTokens, record.CompletionTokens, record.Seconds);
        foreach (IRequestObserver observer in observers) observer.Finished(record);
    }

    [LoggerMessage(LogLevel.Information, "{Api} {Status} {Outcome}: {PromptTokens} + {CompletionTokens} tokens in {Seconds:F2} s")]
    private partial void LogRequest(string api, int status, string outcome, int promptTokens, int completionTokens, double seconds);

    [LoggerMessage(LogLevel.Error, "an answer broke off")]
    private partial void LogFailure(Exception exception);
}
