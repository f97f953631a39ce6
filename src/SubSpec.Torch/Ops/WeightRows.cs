using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Ops;

/// <summary>Weights of any type as fp32: embeddings, and the vectors (norm weights, biases) that are kept widened.</summary>
internal static unsafe class WeightRows
{
    public static void Widen(byte* source, WeightType type, float* destination, long count)
    {
        if (type == WeightType.BFloat16)
        {
            BFloat16.Widen((ushort*)source, destination, count);
        }
        else if (type == WeightType.Float32)
        {
            Buffer.MemoryCopy(source, destination, count * sizeof(float), count * sizeof(float));
        }
        else
        {
            for (long i = 0; i < count; i++) destination[i] = (float)((Half*)source)[i];
        }
    }
}
