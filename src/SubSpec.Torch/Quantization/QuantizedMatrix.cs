namespace SubSpec.Torch.Quantization;

/// <summary>
/// A view of a low-bit weight [out, in] that somebody else owns: w = scale * (q - zero), one scale and zero-point a group of
/// <see cref="Group"/> inputs. Tiles of 16 output rows follow each other; a tile holds its groups in order; a group is
/// <c>[plane][input / 8][row][4 bytes]</c> of nibbles (low nibble: inputs 0 to 3 of the eight, high nibble: 4 to 7), then 16 scales,
/// then 16 zero-points (fp16). Codes of up to 4 bits need one plane; 8-bit codes have a second plane with their high nibbles.
/// </summary>
/// <param name="Data">First tile, 64-byte aligned.</param>
/// <param name="Bits">Bits a code: 3, 4 or 8.</param>
/// <param name="Out">Output features; the last tile is padded with rows of zeros.</param>
/// <param name="In">Input features; the last group is padded.</param>
public readonly unsafe record struct QuantizedMatrix(nint Data, int Bits, int Out, int In)
{
    /// <summary>Inputs that share a scale and a zero-point.</summary>
    public const int Group = 64;

    /// <summary>Output rows of a tile.</summary>
    public const int TileRows = 16;

    internal const int PlaneBytes = Group * TileRows / 2;

    /// <summary>Scales and zero-points of a group of a tile.</summary>
    internal const int ScaleBytes = 2 * TileRows * sizeof(ushort);

    /// <summary>Groups along the input dimension.</summary>
    public int Groups => GroupsOf(In);

    /// <summary>Tiles along the output dimension.</summary>
    public int Tiles => (Out + TileRows - 1) / TileRows;

    /// <summary>Size in bytes, padding included; a multiple of 64.</summary>
    public long Bytes => TileBytes * Tiles;

    internal int Planes => Bits > 4 ? 2 : 1;

    internal int GroupBytes => (Planes * PlaneBytes) + ScaleBytes;

    internal long TileBytes => (long)GroupBytes * Groups;

    /// <summary>Bytes that a matrix [<paramref name="outFeatures"/>, <paramref name="inFeatures"/>] takes; 4.5 bits a weight where nothing is padded.</summary>
    public static long BytesOf(int bits, int outFeatures, int inFeatures) => new QuantizedMatrix(0, bits, outFeatures, inFeatures).Bytes;

    /// <summary>Writes w = scale * (q - zero) as fp32 [out, in]: for checks and experiments.</summary>
    public void Dequantize(float* destination)
    {
        for (int row = 0; row < Out; row++)
        {
            for (int i = 0; i < In; i++)
            {
                byte* group = GroupAt(row / TileRows, i / Group);
                int lane = row % TileRows;
                destination[((long)row * In) + i] = Scale(group, lane) * (Code(group, lane, i % Group) - Zero(group, lane));
            }
        }
    }

    /// <summary>A view of some rows, from the first of a tile on.</summary>
    internal QuantizedMatrix RowsFrom(int row, int rows) => this with { Data = (nint)TileAt(row / TileRows), Out = rows };

    internal static int GroupsOf(int inFeatures) => (inFeatures + Group - 1) / Group;

    internal byte* TileAt(int tile) => (byte*)Data + (tile * TileBytes);

    internal byte* GroupAt(int tile, int group) => TileAt(tile) + ((long)group * GroupBytes);

    internal float Scale(byte* group, int lane) => (float)ScalesOf(group)[lane];

    internal float Zero(byte* group, int lane) => (float)ScalesOf(group)[TileRows + lane];

    /// <summary>The code of one input (0 to 63) of one output row (0 to 15) of a group.</summary>
    internal int Code(byte* group, int lane, int input)
    {
        int shift = (input & 4) == 0 ? 0 : 4;
        int at = NibbleAt(lane, input);
        int code = (group[at] >> shift) & 15;
        return Planes == 1 ? code : code | (((group[PlaneBytes + at] >> shift) & 15) << 4);
    }

    /// <summary>Packs one output row of a group.</summary>
    /// <param name="codes">64 codes.</param>
    internal void Pack(byte* group, int lane, byte* codes, Half scale, Half zero)
    {
        for (int plane = 0; plane < Planes; plane++)
        {
            byte* target = group + (plane * PlaneBytes) + NibbleAt(lane, 0);
            for (int input = 0; input < Group; input += 8, target += 64)
            {
                uint low = (*(uint*)(codes + input) >> (4 * plane)) & 0x0F0F0F0F;
                uint high = (*(uint*)(codes + input + 4) >> (4 * plane)) & 0x0F0F0F0F;
                *(uint*)target = low | (high << 4);
            }
        }
        ScalesOf(group)[lane] = scale;
        ScalesOf(group)[TileRows + lane] = zero;
    }

    private static int NibbleAt(int lane, int input) => (input / 8 * 64) + (lane * 4) + (input & 3);

    private Half* ScalesOf(byte* group) => (Half*)(group + (Planes * PlaneBytes));
}
