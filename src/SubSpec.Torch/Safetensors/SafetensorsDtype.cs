namespace SubSpec.Torch.Safetensors;

/// <summary>Element types of the safetensors format. Which of them a model may use is the reader's decision.</summary>
public enum SafetensorsDtype
{
    Bool,
    F4,
    F6E2M3,
    F6E3M2,
    U8,
    I8,
    F8E5M2,
    F8E4M3,
    F8E8M0,
    F8E4M3Fnuz,
    F8E5M2Fnuz,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    I64,
    U64,
    F64,
    C64,
}

internal static class SafetensorsDtypes
{
    private static readonly (SafetensorsDtype Dtype, string Name, int Bits)[] All =
    [
        (SafetensorsDtype.Bool, "BOOL", 8),
        (SafetensorsDtype.F4, "F4", 4),
        (SafetensorsDtype.F6E2M3, "F6_E2M3", 6),
        (SafetensorsDtype.F6E3M2, "F6_E3M2", 6),
        (SafetensorsDtype.U8, "U8", 8),
        (SafetensorsDtype.I8, "I8", 8),
        (SafetensorsDtype.F8E5M2, "F8_E5M2", 8),
        (SafetensorsDtype.F8E4M3, "F8_E4M3", 8),
        (SafetensorsDtype.F8E8M0, "F8_E8M0", 8),
        (SafetensorsDtype.F8E4M3Fnuz, "F8_E4M3FNUZ", 8),
        (SafetensorsDtype.F8E5M2Fnuz, "F8_E5M2FNUZ", 8),
        (SafetensorsDtype.I16, "I16", 16),
        (SafetensorsDtype.U16, "U16", 16),
        (SafetensorsDtype.F16, "F16", 16),
        (SafetensorsDtype.BF16, "BF16", 16),
        (SafetensorsDtype.I32, "I32", 32),
        (SafetensorsDtype.U32, "U32", 32),
        (SafetensorsDtype.F32, "F32", 32),
        (SafetensorsDtype.I64, "I64", 64),
        (SafetensorsDtype.U64, "U64", 64),
        (SafetensorsDtype.F64, "F64", 64),
        (SafetensorsDtype.C64, "C64", 64),
    ];

    private static readonly Dictionary<string, SafetensorsDtype> ByName = All.ToDictionary(d => d.Name, d => d.Dtype);

    public static bool TryParse(string name, out SafetensorsDtype dtype) => ByName.TryGetValue(name, out dtype);

    /// <summary>The name in a header, such as <c>BF16</c>.</summary>
    public static string HeaderName(this SafetensorsDtype dtype) => All[(int)dtype].Name;

    public static int Bits(this SafetensorsDtype dtype) => All[(int)dtype].Bits;

    /// <summary>Payload bytes of a tensor, or false if they overflow or are no whole number of bytes.</summary>
    public static bool TryPayloadBytes(this SafetensorsDtype dtype, IReadOnlyList<long> shape, out long bytes)
    {
        bytes = 0;
        UInt128 bits = (UInt128)dtype.Bits();
        foreach (long dimension in shape)
        {
            if (dimension < 0) return false;
            bits *= (UInt128)dimension;
            if (bits > ulong.MaxValue) return false;
        }
        bytes = (long)(bits / 8);
        return bits % 8 == 0;
    }
}
