namespace SubSpec.Torch.Quantization;

/// <summary>The product of one tile in plain code: what the vector kernels must equal bit for bit.</summary>
internal static unsafe class ScalarTile
{
    /// <summary>Adds one tile's product with one row of activations: y[lane] of 16 lanes.</summary>
    /// <param name="x">[groups] activation blocks.</param>
    /// <param name="y">[16], overwritten.</param>
    public static void Row(QuantizedMatrix w, int tile, byte* x, float* y)
    {
        new Span<float>(y, QuantizedMatrix.TileRows).Clear();
        for (int g = 0; g < w.Groups; g++, x += ActivationBlocks.BundleBytes)
        {
            byte* group = w.GroupAt(tile, g);
            float scale = *(float*)(x + ActivationBlocks.ScaleAt);
            float sum = *(float*)(x + ActivationBlocks.SumAt);
            for (int lane = 0; lane < QuantizedMatrix.TileRows; lane++)
            {
                int dot = 0;
                for (int i = 0; i < QuantizedMatrix.Group; i++) dot += w.Code(group, lane, i) * ((sbyte*)x)[i];
                float centred = MathF.FusedMultiplyAdd(-w.Zero(group, lane), sum, dot);
                y[lane] = MathF.FusedMultiplyAdd(w.Scale(group, lane) * scale, centred, y[lane]);
            }
        }
    }
}
