namespace SubSpec.Server.Http.Responses;

/// <summary>Tokens of a request, as OpenAI counts them: each prompt once, every choice.</summary>
internal sealed record Usage(int PromptTokens, int CompletionTokens, PromptTokensDetails PromptTokensDetails)
{
    public int TotalTokens => PromptTokens + CompletionTokens;
}

/// <param name="CachedTokens">Prompt tokens whose KV was there already.</param>
internal sealed record PromptTokensDetails(int CachedTokens);
