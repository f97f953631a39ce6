using System.Security.Cryptography;
using SubSpec.Torch.Compute;

namespace SubSpec.Torch.Quantization;

/// <summary>SHA-256 of the SHA-256 of blocks: whoever reads a block hashes it, and a team can share the work on a payload that is in memory.</summary>
internal sealed unsafe class PayloadHash(long bytes)
{
    private const int BlockBytes = 4 << 20;

    private readonly byte[] _digests = new byte[(bytes + BlockBytes - 1) / BlockBytes * SHA256.HashSizeInBytes];

    public int Blocks => _digests.Length / SHA256.HashSizeInBytes;

    /// <summary>The hash in hexadecimal digits, once every block was added.</summary>
    public string Value => Convert.ToHexStringLower(SHA256.HashData(_digests));

    /// <summary>The hash of a payload in memory.</summary>
    public static string Of(ComputeTeam team, byte* payload, long bytes)
    {
        var hash = new PayloadHash(bytes);
        team.Run(new Blockwise(hash, payload));
        return hash.Value;
    }

    /// <summary>Where a block lies in the payload.</summary>
    public (long Offset, int Bytes) Block(int block) => ((long)block * BlockBytes, (int)Math.Min(BlockBytes, bytes - ((long)block * BlockBytes)));

    /// <summary>Adds a block, in any order.</summary>
    public void Add(int block, byte* payload)
    {
        (long offset, int length) = Block(block);
        SHA256.HashData(new ReadOnlySpan<byte>(payload + offset, length), _digests.AsSpan(block * SHA256.HashSizeInBytes));
    }

    private sealed class Blockwise(PayloadHash hash, byte* payload) : TeamTask
    {
        public override void Run(int worker, int workers)
        {
            (int start, int end) = Share(hash.Blocks, worker, workers);
            for (int block = start; block < end; block++) hash.Add(block, payload);
        }
    }
}
