using SubSpec.Core.Sampling;

namespace SubSpec.Actors.Tests.Fakes;

/// <summary>A language model that is a hash: the next token depends on every token before it, on seed and penalties, and on nothing else.</summary>
internal sealed class ToyModel(int vocabulary = 97, int eosEvery = 0)
{
    public const int Eos = 0;

    public int Vocabulary => vocabulary;

    public int Next(IReadOnlyList<int> context, SamplingOptions options, TokenHistory history)
    {
        ulong hash = Hash(context) + options.Seed * (options.Temperature > 0 ? 31u : 0u);
        if (options.HasPenalties)
            foreach ((int token, int count) in history.Output.OrderBy(o => o.Key)) hash = Mix(hash ^ (ulong)(token * 1000 + count + history.Prompt.Count));
        hash = Mix(hash);
        return eosEvery > 0 && hash % (ulong)eosEvery == 0 ? Eos : 1 + (int)(hash / 7 % (ulong)(vocabulary - 1));
    }

    /// <summary>Plain decoding, one token at a time.</summary>
    public int[] Generate(IReadOnlyList<int> prompt, int maxTokens, SamplingOptions? options = null, int context = int.MaxValue)
    {
        options ??= SamplingOptions.Greedy;
        List<int> tokens = [.. prompt];
        TokenHistory history = TokenHistory.For(options, prompt);
        while (tokens.Count - prompt.Count < maxTokens && tokens.Count < context)
        {
            int next = Next(tokens, options, history);
            tokens.Add(next);
            history = history.Add(next, options);
            if (next == Eos) break;
        }
        return [.. tokens.Skip(prompt.Count)];
    }

    public static ulong Hash(IReadOnlyList<int> tokens)
    {
        ulong hash = 1469598103934665603;
        foreach (int token in tokens) hash = Mix(hash ^ (ulong)(token + 1));
        return hash;
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
}
