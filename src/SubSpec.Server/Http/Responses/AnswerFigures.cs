using System.Text.Json.Serialization;

namespace SubSpec.Server.Http.Responses;

/// <summary>What an answer says of itself when it is whole or ends; members that are null are left out.</summary>
internal abstract record AnswerFigures
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Usage? Usage { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Timings? Timings { get; init; }

    /// <summary>The seed in force; an extension to OpenAI's API.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Seed { get; init; }
}
