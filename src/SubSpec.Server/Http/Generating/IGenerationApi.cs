using System.Collections.Immutable;
using System.Text.Json;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Requests;

namespace SubSpec.Server.Http.Generating;

/// <summary>One of OpenAI's ways to ask for text and to answer.</summary>
internal interface IGenerationApi
{
    /// <summary>As in paths: <c>chat.completions</c> or <c>completions</c>.</summary>
    string Name { get; }

    string Summary { get; }

    /// <summary>The body of a whole answer.</summary>
    Type Response { get; }

    /// <summary>What a request may have.</summary>
    ImmutableArray<Parameter> Parameters { get; }

    /// <param name="defaults">How the model's makers want it to be sampled.</param>
    /// <exception cref="Errors.ApiException">Something in it cannot be used.</exception>
    AnswerRequest Read(JsonElement body, GenerationDefaults defaults, ServeLimits limits);

    /// <summary>How the answer to one request is written.</summary>
    IAnswerFormat Format(AnswerContext context);
}
