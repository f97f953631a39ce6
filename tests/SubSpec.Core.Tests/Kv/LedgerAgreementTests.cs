using System.Collections.Immutable;
using SubSpec.Core.Kv;

namespace SubSpec.Core.Tests.Kv;

public class LedgerAgreementTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    [Fact]
    public void Whatever_happens_the_ledger_agrees_with_a_plain_one_and_no_kv_is_overwritten_that_somebody_may_read()
    {
        int shared = 0, refused = 0, evicted = 0;
        for (int seed = 0; seed < 150; seed++)
        {
            var run = new Run(seed);
            for (int step = 0; step < 120; step++) run.Step();
            run.End();
            (shared, refused, evicted) = (shared + run.Shared, refused + run.Refused, evicted + run.Evicted);
        }
        Assert.True(shared > 1000 && refused > 100 && evicted > 1000, $"{shared} shared, {refused} refused, {evicted} evicted: this shows little");
    }

    /// <summary>Random sequences that say similar things, over a memory in which each slot holds what it was written for.</summary>
    private sealed class Run
    {
        private readonly Random _random;
        private readonly Clock _time = new();
        private readonly KvLedger _ledger;
        private readonly PlainLedger _plain;
        private readonly int?[] _memory;
        private readonly Dictionary<SequenceId, (KvLease Lease, KvPrefix Prefix, List<int> Committed)> _leases = [];
        private long _epoch;

        public Run(int seed)
        {
            _random = new Random(seed);
            int blocks = _random.Next(1, 40);
            _ledger = new KvLedger(blocks * KvLedger.BlockSlots + _random.Next(KvLedger.BlockSlots), Idle, _time);
            _plain = new PlainLedger(blocks, Idle, _time);
            _memory = new int?[_ledger.SlotCount];
        }

        public int Shared { get; private set; }

        public int Refused { get; private set; }

        public int Evicted { get; private set; }

        public void Step()
        {
            var id = new SequenceId(_random.Next(8));
            if (!_leases.ContainsKey(id)) Reserve(id);
            else if (_random.Next(4) > 0) Commit(id);
            else Release(id);
            _time.Seconds += _random.Next(4);
            Check();
        }

        public void End()
        {
            foreach (SequenceId id in _leases.Keys.ToArray()) Release(id);
            Check();
            Assert.Equal((0, 0), (_ledger.Balance.Leased, _ledger.Leases));
        }

        private void Reserve(SequenceId id)
        {
            var prefix = new KvPrefix([.. Text(_random.Next(120))], _random.Next(3) == 0 ? "key" : "", _random.Next(3) == 0);
            int slots = Math.Max(1, prefix.Tokens.Length + _random.Next(1, 80)), before = _ledger.Balance.Cached;
            int? expected = _plain.Reserve(id, slots, prefix);
            KvLease? lease = _ledger.Reserve(id, slots, prefix);
            Assert.Equal(expected, lease?.Cached);
            if (lease is null)
            {
                Refused++;
                return;
            }
            Assert.InRange(lease.Capacity, slots, slots + KvLedger.BlockSlots - 1);
            Assert.InRange(lease.Cached, 0, Math.Max(0, prefix.Tokens.Length - 1));
            Assert.True(lease.Epoch > _epoch, "epochs ascend");
            _epoch = lease.Epoch;
            (Shared, Evicted) = (Shared + lease.Cached, Evicted + Math.Max(0, before - lease.Cached - _ledger.Balance.Cached));
            List<int> committed = [.. prefix.Tokens.Take(lease.Cached)];
            _leases.Add(id, (lease, prefix, committed));
            AssertHolds(lease, prefix.Scope, committed);
        }

        private void Commit(SequenceId id)
        {
            (KvLease lease, KvPrefix prefix, List<int> committed) = _leases[id];
            int count = _random.Next(Math.Min(40, lease.Capacity - committed.Count) + 1), from = committed.Count;
            int[] tokens = [.. Text(from + count, [.. committed, .. prefix.Tokens.Skip(from)]).Skip(from)];
            committed.AddRange(tokens);
            int[] contents = [.. Contents(prefix.Scope, committed)];
            for (int i = from; i < committed.Count; i++) _memory[lease.Slots[i]] = contents[i];
            _ledger.Commit(lease, tokens);
            _plain.Commit(id, tokens);
            // Tree nodes and rejected drafts.
            for (int i = committed.Count; i < lease.Capacity; i++) _memory[lease.Slots[i]] = null;
        }

        private void Release(SequenceId id)
        {
            _leases.Remove(id, out (KvLease Lease, KvPrefix, List<int>) gone);
            foreach (int slot in _ledger.Release(gone.Lease)) _memory[slot] = null;
            _plain.Release(id);
            Assert.Throws<StaleLeaseException>(() => _ledger.Commit(gone.Lease, [1]));
            Assert.Throws<StaleLeaseException>(() => _ledger.Release(gone.Lease));
        }

        private void Check()
        {
            KvBalance balance = _ledger.Balance;
            Assert.Equal(_plain.Balance, balance);
            Assert.Equal(_ledger.SlotCount, balance.Free + balance.Cached + balance.Leased);
            Assert.InRange(_leases.Values.SelectMany(l => l.Lease.Slots).Distinct().Count(), 0, balance.Leased);
            foreach ((KvLease lease, KvPrefix prefix, List<int> committed) in _leases.Values)
            {
                Assert.Equal(lease.Capacity, lease.Slots.Distinct().Count());
                AssertHolds(lease, prefix.Scope, committed);
            }
        }

        private void AssertHolds(KvLease lease, string scope, List<int> committed)
        {
            int position = 0;
            foreach (int content in Contents(scope, committed)) Assert.Equal(content, _memory[lease.Slots[position++]]);
        }

        // A few beginnings and a few ways to go on, so that texts have long beginnings in common.
        private IEnumerable<int> Text(int length, ImmutableArray<int> given = default)
        {
            int way = 0;
            for (int i = 0; i < length; i++)
            {
                if (i % 24 == 0) way = _random.Next(2);
                yield return !given.IsDefault && i < given.Length ? given[i] : 100 * way + i % 7;
            }
        }

        // KV depends on all tokens up to its own.
        private static IEnumerable<int> Contents(string scope, List<int> tokens)
        {
            int content = scope.Length;
            foreach (int token in tokens) yield return content = HashCode.Combine(content, token);
        }
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
