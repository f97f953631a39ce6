using SubSpec.Core.Kv;

namespace SubSpec.Core.Tests.Kv;

/// <summary>The ledger's rules in the plainest way: no slots, no lists of unused blocks, everything counted anew each time.</summary>
internal sealed class PlainLedger(int blocks, TimeSpan idle, TimeProvider time)
{
    private readonly Dictionary<string, Row> _cached = [];
    private readonly Dictionary<SequenceId, Sequence> _sequences = [];
    private int _uses;

    public KvBalance Balance
    {
        get
        {
            int unused = _cached.Values.Count(r => r.Users == 0), used = _cached.Count - unused;
            int leased = used + _sequences.Values.Sum(s => s.Own);
            return new KvBalance(Slots(blocks - leased - unused), Slots(unused), Slots(leased), Slots(used) + _sequences.Values.Sum(s => s.Committed.Count % KvLedger.BlockSlots));
        }
    }

    /// <summary>Cached positions of the lease; null when it is refused.</summary>
    public int? Reserve(SequenceId id, int slots, KvPrefix prefix)
    {
        int wanted = (slots + KvLedger.BlockSlots - 1) / KvLedger.BlockSlots;
        List<string> path = [];
        while (path.Count + 1 < wanted && Slots(path.Count + 1) < prefix.Tokens.Length && _cached.ContainsKey(Key(prefix.Scope, prefix.Tokens, path.Count + 1)))
            path.Add(Key(prefix.Scope, prefix.Tokens, path.Count + 1));
        if (wanted - path.Count > blocks - Balance.Leased / KvLedger.BlockSlots - path.Count(k => _cached[k].Users == 0)) return null;
        foreach (string key in path) _cached[key].Users++;
        while (Balance.Free < Slots(wanted - path.Count)) Evict();
        _sequences.Add(id, new Sequence(prefix, wanted - path.Count, path, [.. prefix.Tokens.Take(Slots(path.Count))]));
        return Slots(path.Count);
    }

    public void Commit(SequenceId id, IEnumerable<int> tokens)
    {
        Sequence sequence = _sequences[id];
        foreach (int token in tokens)
        {
            sequence.Committed.Add(token);
            if (sequence.Committed.Count % KvLedger.BlockSlots != 0) continue;
            string key = Key(sequence.Prefix.Scope, sequence.Committed, sequence.Path.Count + 1);
            if (_cached.TryAdd(key, new Row())) sequence.Own--;
            _cached[key].Users++;
            sequence.Path.Add(key);
        }
    }

    public void Release(SequenceId id)
    {
        _sequences.Remove(id, out Sequence? sequence);
        foreach (string key in sequence!.Path.AsEnumerable().Reverse())
        {
            Row row = _cached[key];
            row.Users--;
            row.OfSession |= sequence.Prefix.OfSession;
            (row.At, row.Use) = (time.GetTimestamp(), ++_uses);
        }
    }

    private void Evict()
    {
        string victim = _cached.Where(c => c.Value.Users == 0)
            .MinBy(c => (c.Value.OfSession && time.GetElapsedTime(c.Value.At) < idle, c.Value.At, c.Value.OfSession, c.Value.Use)).Key;
        Assert.DoesNotContain(_cached.Keys, key => key != victim && key.StartsWith(victim, StringComparison.Ordinal));
        _cached.Remove(victim);
    }

    private static int Slots(int blocks) => blocks * KvLedger.BlockSlots;

    private static string Key(string scope, IEnumerable<int> tokens, int blocks) => $"{scope}:{string.Concat(tokens.Take(Slots(blocks)).Select(t => $"{t},"))}";

    private sealed class Row
    {
        public int Users { get; set; }

        public bool OfSession { get; set; }

        public long At { get; set; }

        public int Use { get; set; }
    }

    private sealed class Sequence(KvPrefix prefix, int own, List<string> path, List<int> committed)
    {
        public KvPrefix Prefix => prefix;

        public int Own { get; set; } = own;

        public List<string> Path => path;

        public List<int> Committed => committed;
    }
}
