namespace SubSpec.Core.Text;

/// <summary>
/// Token ids to text, as they come. The texts of all <see cref="Append"/> calls and of <see cref="Flush"/>, joined, equal
/// <see cref="ITextCodec.Decode"/> of all the ids (after a text: but for a leading space). Not thread-safe: one sequence, one detokenizer.
/// </summary>
public interface IDetokenizer
{
    /// <summary>Takes the next token and returns the text that is now certain: whole characters only, possibly none.</summary>
    string Append(int token);

    /// <summary>Ends the sequence: an unfinished character becomes U+FFFD. The detokenizer is then as new.</summary>
    string Flush();
}
