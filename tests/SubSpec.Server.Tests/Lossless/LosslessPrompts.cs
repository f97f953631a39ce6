namespace SubSpec.Server.Tests.Lossless;

/// <summary>Prompts of different kinds and lengths: stories, a question, code, one word, and one of about 800 tokens.</summary>
internal static class LosslessPrompts
{
    private const string Story = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. ";

    public static string[] All { get; } =
    [
        Story,
        "<|im_start|>user\nTell me a story about Max and a dog.<|im_end|>\n<|im_start|>assistant\n",
        "Compose an engaging travel blog post about a recent trip to an island, highlighting cultural experiences and must-see attractions.",
        "def fibonacci(n):\n    if n < 2:\n        return n\n    return",
        "The",
        string.Concat(Enumerable.Range(1, 25).Select(i => $"{Story}On day {i} it rained. ")),
    ];
}
