using System.Runtime.Intrinsics;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Quantization;

/// <summary>Reads weights of any stored type as fp32.</summary>
internal static unsafe class WeightRow
{
    /// <summary>Copies <paramref name="count"/> inputs of a row, from input <paramref name="first"/> on, to <paramref name="destination"/>.</summary>
    public static void Load(in WeightMatrix source, int row, int first, int count, float* destination)
    {
        byte* from = (byte*)source.Data + ((((long)row * source.In) + first) * source.ElementBytes);
        switch (source.Type)
        {
            case WeightType.BFloat16:
                LoadBFloat16((ushort*)from, count, destination);
                break;
            case WeightType.Float16:
                for (int i = 0; i < count; i++) destination[i] = (float)((Half*)from)[i];
                break;
            default:
                new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(destination, count));
                break;
        }
    }

    private static void LoadBFloat16(ushort* from, int count, float* destination)
    {
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.Load(from + i));
            (low << 16).AsSingle().Store(destination + i);
            (high << 16).AsSingle().Store(destination + i + 4);
        }
        for (; i < count; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
    }
}
