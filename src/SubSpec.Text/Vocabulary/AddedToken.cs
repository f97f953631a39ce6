namespace SubSpec.Text.Vocabulary;

/// <summary>A token that is found in the text itself, before any other splitting.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">Control tokens: left out of decoded text, and never read from a user's text.</param>
/// <param name="LeftStrip">The token swallows white space before it.</param>
/// <param name="RightStrip">The token swallows white space after it.</param>
/// <param name="SingleWord">The token is found only where no letter, digit or underscore touches it.</param>
internal sealed record AddedToken(int Id, string Content, bool Special, bool LeftStrip = false, bool RightStrip = false, bool SingleWord = false);
