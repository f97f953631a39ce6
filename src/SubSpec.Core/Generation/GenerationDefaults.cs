namespace SubSpec.Core.Generation;

/// <summary>How a model's makers want it to be sampled (<c>generation_config.json</c>); null where they say nothing.</summary>
/// <param name="Temperature">0 where they want the best token always.</param>
/// <param name="TopK">0 keeps all.</param>
public sealed record GenerationDefaults(double? Temperature, double? TopP, int? TopK, double? MinP, double? RepetitionPenalty)
{
    public static GenerationDefaults None { get; } = new(null, null, null, null, null);
}
