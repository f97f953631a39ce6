using System.Buffers.Binary;
using System.Text;
using SubSpec.Core;
using SubSpec.Torch.Safetensors;

namespace SubSpec.Torch.Tests.Safetensors;

/// <summary>Files made by hand, byte by byte: an independent reading of the format.</summary>
internal static class RawSafetensors
{
    public static byte[] Bytes(string header, int payloadBytes) => Bytes(Encoding.UTF8.GetBytes(header), payloadBytes);

    public static byte[] Bytes(byte[] header, int payloadBytes)
    {
        byte[] file = new byte[8 + header.Length + payloadBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        for (int i = 0; i < payloadBytes; i++) file[8 + header.Length + i] = (byte)(i + 1);
        return file;
    }

    /// <summary>Writes a file again with its payload at a multiple of <paramref name="alignment"/> that is none of twice as much; an odd offset for 1.</summary>
    public static void Realign(string path, int alignment)
    {
        byte[] file = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        string header = Encoding.UTF8.GetString(file, 8, length).TrimEnd();
        while ((8 + Encoding.UTF8.GetByteCount(header)) % (2 * alignment) != alignment) header += " ";
        byte[] bytes = Bytes(header, file.Length - 8 - length);
        file.AsSpan(8 + length).CopyTo(bytes.AsSpan(bytes.Length - (file.Length - 8 - length)));
        File.WriteAllBytes(path, bytes);
    }

    public static SafetensorsHeader Read(byte[] file) => SafetensorsHeader.Read(new MemoryStream(file), "model.safetensors");

    public static string Error(byte[] file) => Assert.Throws<BadInputException>(() => Read(file)).Message;
}
