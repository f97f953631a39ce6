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

    public static SafetensorsHeader Read(byte[] file) => SafetensorsHeader.Read(new MemoryStream(file), "model.safetensors");

    public static string Error(byte[] file) => Assert.Throws<BadInputException>(() => Read(file)).Message;
}
