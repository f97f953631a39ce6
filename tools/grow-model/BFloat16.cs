namespace SubSpec.GrowModel;

/// <summary>The upper half of a 32-bit float; rounding is to nearest, ties to even.</summary>
internal static class BFloat16
{
    public static ushort Bits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    public static float Value(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    public static float Round(float value) => Value(Bits(value));
}
