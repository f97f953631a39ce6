using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Http.Requests;
using SubSpec.Server.Http.Tools;

namespace SubSpec.Server.Http.Generating;

/// <summary>Starts the answers to requests that were read, whether they came over HTTP or from the program itself.</summary>
internal sealed class Generator(RequestGate gate, IModelHost models, PromptEncoder encoder, ToolFormats formats, ServiceModel model, TimeProvider time)
{
    private const long JsonSafeSeeds = 1L << 53;

    /// <param name="place">The request's place. It is given back when the answer's last sequence has ended, read or not; where nothing was started, that is the caller's.</param>
    /// <param name="asker">Who asks, and in which conversation.</param>
    /// <param name="recording">Takes note of what is generated.</param>
    /// <exception cref="ApiException">The request cannot be served, or not now.</exception>
    public async Task<Generation> StartAsync(RequestGate.Place place, AnswerRequest request, Asker asker, Recording recording, CancellationToken cancel)
    {
        Check(request);
        place.Grow(request.Sequences);
        ModelLease lease = await models.AcquireAsync(cancel);
        try
        {
            CheckTokens(request, lease.Host);
            AnswerContext context = Context(request, asker.RequestId, lease.Host);
            ImmutableArray<GenerationRequest> requests = await RequestsAsync(lease.Host, request, asker, (ulong)context.Seed, cancel);
            return new Generation(context, AnswerFeed.Start(lease.Host, requests, Release, cancel), recording);
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        void Release()
        {
            lease.Dispose();
            place.End();
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

    private AnswerContext Context(AnswerRequest request, string requestId, IInferenceHost host)
    {
        IToolFormat? tools = null;
        if (request.HasTools)
        {
            tools = formats.Of(host.Codec)
                ?? throw ApiException.Unsupported("tools", $"'tools' are not supported with {model.Name}: its chat template has none, or writes calls in a form that is not known here (known are Qwen's and Llama 3's)");
        }
        return new AnswerContext(
            $"{(request.Prompts[0] is Prompt.Chat ? "chatcmpl" : "cmpl")}-{requestId[Asker.IdPrefix.Length..]}", time.GetUtcNow().ToUnixTimeSeconds(), model.Name,
            request.Settings.Seed ?? Random.Shared.NextInt64(JsonSafeSeeds), request, host.Codec, host.Limits, tools);
    }

    /// <summary>One for each choice of each prompt. The first of them belongs to the session; the others run beside it.</summary>
    private async Task<ImmutableArray<GenerationRequest>> RequestsAsync(IInferenceHost host, AnswerRequest request, Asker asker, ulong seed, CancellationToken cancel)
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
                    Session = requests.Count == 0 ? asker.Session : null,
                    Scope = asker.Scope,
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
}
