using System.Runtime.Intrinsics;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;

namespace SubSpec.OpsBench;

/// <summary>What the machine can do at most: the figures that every kernel is compared with.</summary>
internal sealed unsafe class Machine : TeamTask
{
    private const long ReadBytes = 512L << 20;
    private const int Multiplies = 2_000_000;

    private readonly NativeBuffer _memory = new(ReadBytes);
    private bool _reading;

    private Machine(ComputeTeam team, Stopwatches clock)
    {
        new Span<byte>(_memory.Pointer, (int)ReadBytes).Fill(1);
        PeakGflops = Multiplies * 12.0 * 16 * team.Threads / clock.Best(() => team.Run(this), 60) / 1e9;
        _reading = true;
        ReadGigabytes = ReadBytes / clock.Best(() => team.Run(this), 8) / 1e9;
        _memory.Dispose();
    }

    /// <summary>fp32 multiply-adds from registers, two operations each.</summary>
    public double PeakGflops { get; }

    /// <summary>Plain sequential reads, GB/s.</summary>
    public double ReadGigabytes { get; }

    public static Machine Measure(ComputeTeam team, Stopwatches clock) => new(team, clock);

    public override void Run(int worker, int workers)
    {
        float result = _reading ? Read(worker, workers) : MultiplyAdd();
        if (float.IsNaN(result)) throw new InvalidOperationException("the loop must not be optimised away");
    }

    private float Read(int worker, int workers)
    {
        (int start, int end) = Share((int)(ReadBytes / 256), worker, workers);
        Vector256<int> a = default, b = default, c = default, d = default;
        byte* to = _memory.Pointer + end * 256L;
        for (byte* p = _memory.Pointer + start * 256L; p < to; p += 256)
        {
            a ^= Vector256.Load((int*)p) ^ Vector256.Load((int*)(p + 32));
            b ^= Vector256.Load((int*)(p + 64)) ^ Vector256.Load((int*)(p + 96));
            c ^= Vector256.Load((int*)(p + 128)) ^ Vector256.Load((int*)(p + 160));
            d ^= Vector256.Load((int*)(p + 192)) ^ Vector256.Load((int*)(p + 224));
        }
        return Vector256.Sum(a ^ b ^ c ^ d);
    }

    private static float MultiplyAdd()
    {
        Vector256<float> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector256<float> g = default, h = default, i = default, j = default, k = default, l = default;
        var x = Vector256.Create(0.5f);
        for (int n = 0; n < Multiplies; n++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, x);
            b = Vector256.FusedMultiplyAdd(b, x, x);
            c = Vector256.FusedMultiplyAdd(c, x, x);
            d = Vector256.FusedMultiplyAdd(d, x, x);
            e = Vector256.FusedMultiplyAdd(e, x, x);
            f = Vector256.FusedMultiplyAdd(f, x, x);
            g = Vector256.FusedMultiplyAdd(g, x, x);
            h = Vector256.FusedMultiplyAdd(h, x, x);
            i = Vector256.FusedMultiplyAdd(i, x, x);
            j = Vector256.FusedMultiplyAdd(j, x, x);
            k = Vector256.FusedMultiplyAdd(k, x, x);
            l = Vector256.FusedMultiplyAdd(l, x, x);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
