using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace SubSpec.Server.Http.Security;

/// <summary>The keys that a service accepts. Only their hashes are kept, and comparing takes the same time whatever is presented.</summary>
internal sealed class ApiKeys(IEnumerable<string> keys)
{
    private const int ScopeBytes = 8;

    private readonly ImmutableArray<byte[]> _hashes = [.. keys.Select(Hash)];

    public bool AreRequired => !_hashes.IsEmpty;

    /// <summary>Whoever presents this key, or null for one that is not accepted.</summary>
    public Caller? Identify(string key)
    {
        byte[] presented = Hash(key);
        byte[]? found = null;
        foreach (byte[] hash in _hashes)
            if (CryptographicOperations.FixedTimeEquals(hash, presented)) found = hash;
        return found is null ? null : new Caller(Convert.ToHexString(found, 0, ScopeBytes));
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
