namespace SubSpec.Server.Http;

/// <summary>What a request may be at most. Checked before anything of its size is allocated.</summary>
public sealed record ServeLimits
{
    /// <summary>Bytes of a body.</summary>
    public const int BodyBytes = 2 << 20;

    /// <summary>Bytes of all headers together.</summary>
    public const int HeaderBytes = 16 << 10;

    public const int Headers = 64;

    /// <summary>Connections at once.</summary>
    public const int Connections = 256;

    /// <summary>Characters of a session's id.</summary>
    public const int SessionCharacters = 256;

    public const int Tools = 128;

    /// <summary>Messages of a conversation.</summary>
    public int Messages { get; init; } = 2048;

    /// <summary>Characters of a prompt's texts. How many tokens it may have is the context's matter.</summary>
    public int PromptCharacters { get; init; } = 1 << 20;

    /// <summary>Answers to each prompt (<c>n</c>).</summary>
    public int Choices { get; init; } = 16;

    /// <summary>Prompts of one completion request.</summary>
    public int Prompts { get; init; } = 16;
}
