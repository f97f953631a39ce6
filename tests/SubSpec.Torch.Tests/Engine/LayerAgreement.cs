using SubSpec.Torch.Tests.Reference;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>
/// The engine against the reference one layer at a time, each from the engine's own residual stream. Over a whole model a last bit
/// that rounds to the other bf16 number is multiplied by every later layer, until it is as large as rounding itself; here it is not.
/// </summary>
internal static class LayerAgreement
{
    /// <summary>Relative error of the residual stream behind the layers, over all layers and positions, and that of the logits.</summary>
    public static (double Layers, double Head) Errors(PlainTransformer reference, TargetLogits engine, int[] tokens)
    {
        (double[][][] residuals, float[][] logits) = engine.Layers(tokens);
        Assert.Equal(reference.Embed(tokens), residuals[0]);
        double[][] expected = [.. Enumerable.Range(0, residuals.Length - 1).SelectMany(layer => reference.Layer(layer, residuals[layer]))];
        return (Logits.RelativeError(expected, [.. residuals.Skip(1).SelectMany(layer => layer)]), Logits.RelativeError(reference.Head(residuals[^1]), logits));
    }
}
