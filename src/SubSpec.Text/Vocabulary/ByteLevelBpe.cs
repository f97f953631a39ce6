using System.Text;
using SubSpec.Core;

namespace SubSpec.Text.Vocabulary;

/// <summary>Byte-pair encoding that begins with the UTF-8 bytes of a piece (GPT-2, Qwen2, Llama 3).</summary>
internal sealed class ByteLevelBpe : IPieceEncoder
{
    private readonly MergeTable _merges;
    private readonly int[] _idOfByte;
    private readonly Dictionary<string, int>? _wholes;

    /// <param name="vocabulary">Tokens in the byte alphabet.</param>
    /// <param name="merges">The merges.</param>
    /// <param name="wholes">A piece that is one of these tokens becomes it, whatever the merges say (<c>ignore_merges</c>); or null.</param>
    /// <param name="damaged">Makes the error that names the file.</param>
    /// <exception cref="BadInputException">A byte has no token.</exception>
    public ByteLevelBpe(Dictionary<string, int> vocabulary, MergeTable merges, Dictionary<string, int>? wholes, Func<string, BadInputException> damaged)
    {
        _merges = merges;
        _wholes = wholes;
        _idOfByte = [.. ByteAlphabet.Characters.Select(symbol =>
            vocabulary.TryGetValue(symbol.ToString(), out int id) ? id : throw damaged($"the vocabulary has no token for byte symbol '{symbol}'"))];
    }

    public void Append(string piece, List<int> ids)
    {
        if (_wholes is not null && _wholes.TryGetValue(ByteAlphabet.Encode(piece), out int whole))
        {
            ids.Add(whole);
            return;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(piece);
        var symbols = new SymbolList([.. bytes.Select(b => _idOfByte[b])]);
        _merges.Apply(symbols);
        symbols.AppendTo(ids);
    }
}
