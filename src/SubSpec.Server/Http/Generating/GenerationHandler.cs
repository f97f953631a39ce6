using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Requests;
using SubSpec.Server.Http.Responses;
using SubSpec.Server.Http.Security;
using SubSpec.Server.Http.Streaming;

namespace SubSpec.Server.Http.Generating;

/// <summary>Serves a generation request of either API, from its first byte to its last.</summary>
internal sealed class GenerationHandler(RequestGate gate, Generator generator, RequestJournal journal, ServiceModel model, ServeLimits limits, TimeProvider time)
{
    public async Task HandleAsync(HttpContext http, IGenerationApi api)
    {
        var recording = new Recording(http.TraceIdentifier, api.Name, model.Name, time);
        (int status, string? code) = (RequestJournal.ClientClosedRequest, null);
        try
        {
            await AnswerAsync(http, api, recording);
            status = StatusCodes.Status200OK;
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
            if (isOurs) journal.Broken(e);
            await new EventStream(http.Response, time, http.RequestAborted).SendAsync(ErrorBody.Of(error));
        }
        finally
        {
            journal.Write(recording.End(status, code));
        }
    }

    private async Task AnswerAsync(HttpContext http, IGenerationApi api, Recording recording)
    {
        CancellationToken aborted = http.RequestAborted;
        using RequestGate.Place place = gate.Enter();
        AnswerRequest request = api.Read(await JsonBody.ReadAsync(http.Request, aborted), model.Defaults, limits);
        GenerationSettings settings = request.Settings;
        (recording.Streamed, recording.Choices) = (settings.Stream, settings.Choices);
        var asker = new Asker(http.TraceIdentifier, SessionHeader.Read(http.Request, settings.CacheKey), Caller.Of(http).Scope);
        await using Generation generation = await generator.StartAsync(place, request, asker, recording, aborted);
        IAnswerFormat format = api.Format(generation.Context);
        if (settings.Stream) await StreamAsync(http, generation, format, request);
        else await WholeAsync(http, generation, format, request);
    }

    private static async Task WholeAsync(HttpContext http, Generation generation, IAnswerFormat format, AnswerRequest request)
    {
        var results = new GenerationResult[request.Sequences];
        while (await generation.WaitAsync(http.RequestAborted))
            while (generation.TryRead(out ChoiceEvent happened))
                if (happened.Event is Completed completed) results[happened.Choice] = completed.Result;
        ImmutableArray<GenerationResult> all = [.. results];
        await Json.WriteAsync(http.Response, format.Whole(all, AnswerTotals.Of(all, request.Settings.Choices)), http.RequestAborted);
    }

    private async Task StreamAsync(HttpContext http, Generation generation, IAnswerFormat format, AnswerRequest request)
    {
        var stream = new EventStream(http.Response, time, http.RequestAborted);
        var chunks = new ChunkWriter(format, request.Settings.Choices, request.Sequences);
        while (await stream.WaitAsync(generation.WaitAsync(http.RequestAborted)))
        {
            while (generation.TryRead(out ChoiceEvent happened))
                foreach (object chunk in chunks.Next(happened)) await stream.SendAsync(chunk);
            await stream.FlushAsync();
        }
        if (request.Settings.IncludeUsage) await stream.SendAsync(format.Usage(chunks.Totals!));
        await stream.EndAsync();
    }
}
