namespace SubSpec.Core.Text;

/// <summary>One message of a conversation, as a chat template sees it.</summary>
/// <param name="Role">For example <c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>; the template decides what it accepts.</param>
/// <param name="Content">Plain text: special tokens that stand in it are text, not tokens.</param>
public sealed record ChatMessage(string Role, string Content);
