using System.Security.Cryptography;
using SubSpec.Torch.Compute;

namespace SubSpec.Torch.Quantization;

/// <summary>SHA-256 of the SHA-256 of blocks, so that the team can share the work: hundreds of megabytes take a fraction of a second.</summary>
internal sealed unsafe class PayloadHash : TeamTask
{
    private const int BlockBytes = 4 << 20;

    private readonly byte* _payload;
    private readonly long _bytes;
    private readonly byte[] _digests;

    private PayloadHash(byte* payload, long bytes)
    {
        _payload = payload;
        _bytes = bytes;
        _digests = new byte[(bytes + BlockBytes - 1) / BlockBytes * SHA256.HashSizeInBytes];
    }

    /// <summary>Hash in hexadecimal digits.</summary>
    public static string Of(ComputeTeam team, byte* payload, long bytes)
    {
        var task = new PayloadHash(payload, bytes);
        team.Run(task);
        return Convert.ToHexStringLower(SHA256.HashData(task._digests));
    }

    public override void Run(int worker, int workers)
    {
        (int start, int end) = Share(_digests.Length / SHA256.HashSizeInBytes, worker, workers);
        for (int i = start; i < end; i++)
        {
            long offset = (long)i * BlockBytes;
            var block = new ReadOnlySpan<byte>(_payload + offset, (int)Math.Min(BlockBytes, _bytes - offset));
            SHA256.HashData(block, _digests.AsSpan(i * SHA256.HashSizeInBytes));
        }
    }
}
