using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace SubSpec.Torch.Tests.Reference;

/// <summary>The shortest reader of a trusted safetensors file: all tensors as 32-bit floats. Shares no code with the product.</summary>
internal static class PlainSafetensors
{
    public static Dictionary<string, PlainTensor> Read(string file)
    {
        using FileStream stream = File.OpenRead(file);
        byte[] prefix = new byte[8];
        stream.ReadExactly(prefix);
        byte[] json = new byte[BinaryPrimitives.ReadInt64LittleEndian(prefix)];
        stream.ReadExactly(json);

        using JsonDocument header = JsonDocument.Parse(json);
        var tensors = new Dictionary<string, PlainTensor>();
        foreach (JsonProperty entry in header.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            JsonElement offsets = entry.Value.GetProperty("data_offsets");
            byte[] bytes = new byte[offsets[1].GetInt64() - offsets[0].GetInt64()];
            stream.Position = 8 + json.Length + offsets[0].GetInt64();
            stream.ReadExactly(bytes);
            string dtype = entry.Value.GetProperty("dtype").GetString()!;
            tensors.Add(entry.Name, new PlainTensor(Floats(bytes, dtype), dtype));
        }
        return tensors;
    }

    private static float[] Floats(byte[] bytes, string dtype)
    {
        if (dtype == "F32") return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        if (dtype == "F16") return Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), h => (float)h);
        if (dtype != "BF16") throw new NotSupportedException(dtype);
        // A bf16 is the upper half of a 32-bit float.
        return Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(), b => BitConverter.UInt32BitsToSingle((uint)b << 16));
    }
}

/// <param name="Values">Row-major.</param>
/// <param name="Dtype">How they were stored: F32, F16 or BF16.</param>
internal sealed record PlainTensor(float[] Values, string Dtype);
