namespace SubSpec.Core.Kv;

/// <summary>Who has the slots of the KV cache. Free, cached and leased ones are all there are.</summary>
/// <param name="Free">Slots that hold nothing.</param>
/// <param name="Cached">Slots that no lease has and that still hold the KV of tokens; they are given up when slots are wanted.</param>
/// <param name="Leased">Slots that leases have, one that several share once, and cached ones that are kept because a lease has the same tokens in others.</param>
/// <param name="Committed">Of these, slots that hold the KV of committed tokens.</param>
public readonly record struct KvBalance(int Free, int Cached, int Leased, int Committed);
