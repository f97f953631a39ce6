namespace SubSpec.Text.Vocabulary;

/// <summary>A part of a text: an added token, or plain text (then Id is null).</summary>
internal readonly record struct TextPart(int Start, int Length, int? Id);
