using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace SubSpec.Torch.Tests.Reference;

/// <summary>The shortest reader of a trusted safetensors file: all tensors as 32-bit floats. Shares no code with the product.</summary>
internal static class PlainSafetensors
{
    /// <summary>Tensor name to values, row-major.</summary>
    public static Dictionary<string, float[]> Read(string file)
    {
        using FileStream stream = File.OpenRead(file);
        byte[] prefix = new byte[8];
        stream.ReadExactly(prefix);
        byte[] json = new byte[BinaryPrimitives.ReadInt64LittleEndian(prefix)];
        stream.ReadExactly(json);

        using JsonDocument header = JsonDocument.Parse(json);
        var tensors = new Dictionary<string, float[]>();
        foreach (JsonProperty entry in header.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            JsonElement offsets = entry.Value.GetProperty("data_offsets");
            byte[] bytes = new byte[offsets[1].GetInt64() - offsets[0].GetInt64()];
            stream.Position = 8 + json.Length + offsets[0].GetInt64();
            stream.ReadExactly(bytes);
            tensors.Add(entry.Name, Floats(bytes, entry.Value.GetProperty("dtype").GetString()!));
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
