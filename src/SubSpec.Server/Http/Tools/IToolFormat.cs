namespace SubSpec.Server.Http.Tools;

/// <summary>How a model writes tool calls into its text.</summary>
internal interface IToolFormat
{
    /// <summary>Splits text that ends where the model may go on.</summary>
    /// <param name="text">What was not split yet.</param>
    /// <param name="atStart">Whether it is the answer's beginning.</param>
    /// <param name="ended">Whether nothing comes after it.</param>
    ToolStep Next(string text, bool atStart, bool ended);
}

/// <summary>What a text begins with.</summary>
/// <param name="Length">Characters that are settled; 0 where more must come first.</param>
/// <param name="Calls">The calls that they are; none where they are text.</param>
internal readonly record struct ToolStep(int Length, System.Collections.Immutable.ImmutableArray<ToolCall> Calls)
{
    public static ToolStep Wait { get; } = new(0, []);

    public static ToolStep Text(int length) => new(length, []);
}

/// <param name="Arguments">A JSON object.</param>
internal sealed record ToolCall(string Name, string Arguments);
