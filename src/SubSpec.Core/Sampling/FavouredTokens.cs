using System.Numerics;

namespace SubSpec.Core.Sampling;

/// <summary>
/// The tokens that have the most Gumbel noise at a position, whatever the logits are: beside the highest logits the only ones that can be chosen,
/// but for rare rows. Draft and verification of a position draw the same noise, so the lists are kept for a while. One instance a thread.
/// </summary>
/// <param name="count">Tokens of a list, about; never more than twice as many.</param>
public sealed class FavouredTokens(int vocabulary, int count)
{
    private const int KeptLists = 1024;

    private readonly Dictionary<(ulong Seed, int Choice, int Position), (int[] Tokens, double Bound)> _lists = [];
    private readonly Queue<(ulong Seed, int Choice, int Position)> _oldest = new();

    /// <summary>Tokens of a list at most.</summary>
    public int MaxCount { get; } = Math.Min(vocabulary, 2 * count);

    /// <summary>The list of a position, and what the noise of all other tokens stays below.</summary>
    public (int[] Tokens, double Bound) At(SamplingOptions options, int position)
    {
        (ulong, int, int) key = (options.Seed, options.Choice, position);
        if (_lists.TryGetValue(key, out (int[] Tokens, double Bound) list)) return list;
        if (_oldest.Count == KeptLists) _lists.Remove(_oldest.Dequeue());
        _oldest.Enqueue(key);
        return _lists[key] = Find(options, position);
    }

    private (int[] Tokens, double Bound) Find(SamplingOptions options, int position)
    {
        Span<int> found = stackalloc int[MaxCount];
        // One token in e^x has noise above x, nearly. Where chance has it that more than the list holds do, the next bound halves them.
        for (double bound = Math.Log((double)vocabulary / Math.Min(count, vocabulary)); ; bound += Math.Log(2))
        {
            var screen = new NoiseScreen(options, position);
            uint limit = NoiseScreen.Limit(bound);
            int listed = 0;
            for (int token = 0; token < vocabulary && listed <= MaxCount; token += NoiseScreen.Lanes)
            {
                uint favoured = screen.Favoured(token, limit);
                if (token + NoiseScreen.Lanes > vocabulary) favoured &= (1u << (vocabulary - token)) - 1;
                for (; favoured != 0 && listed <= MaxCount; favoured &= favoured - 1)
                {
                    if (listed < MaxCount) found[listed] = token + BitOperations.TrailingZeroCount(favoured);
                    listed++;
                }
            }
            if (listed <= MaxCount) return (found[..listed].ToArray(), bound);
        }
    }
}
