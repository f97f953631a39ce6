using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Quantization;

/// <summary>Quantizes the tiles of one weight, shared out over the team.</summary>
internal sealed unsafe class HqqTask(WeightMatrix source, QuantizedMatrix destination, int firstRow) : TeamTask
{
    private const int Group = QuantizedMatrix.Group;

    private readonly QuantizationError[] _errors = new QuantizationError[destination.Tiles];

    /// <summary>The sum over all tiles, in the order of the tiles.</summary>
    public QuantizationError Error => _errors.Aggregate(default(QuantizationError), (sum, tile) => sum + tile);

    public override void Run(int worker, int workers)
    {
        (int start, int end) = Share(_errors.Length, worker, workers);
        float* weights = stackalloc float[Group], mask = stackalloc float[Group];
        byte* codes = stackalloc byte[Group];
        for (int tile = start; tile < end; tile++)
        {
            new Span<byte>(destination.TileAt(tile), checked((int)destination.TileBytes)).Clear();
            int rows = Math.Min(QuantizedMatrix.TileRows, source.Out - (tile * QuantizedMatrix.TileRows));
            for (int lane = 0; lane < rows; lane++)
            {
                for (int group = 0; group < destination.Groups; group++) QuantizeGroup(tile, lane, group, weights, mask, codes);
            }
        }
    }

    private void QuantizeGroup(int tile, int lane, int group, float* weights, float* mask, byte* codes)
    {
        int row = (tile * QuantizedMatrix.TileRows) + lane, count = Math.Min(Group, source.In - (group * Group));
        WeightRow.Load(source, row, group * Group, count, weights);
        for (int i = 0; i < Group; i++) mask[i] = i < count ? 1 : 0;
        for (int i = count; i < Group; i++) weights[i] = 0;
        var fit = new HalfQuadraticFit(weights, mask, count, destination.Bits);
        if (!fit.IsFinite) throw new BadInputException($"a weight near row {firstRow + row}, column {group * Group} is not a finite number: the checkpoint is damaged");
        fit.Run(codes);
        destination.Pack(destination.GroupAt(tile, group), lane, codes, fit.Scale, fit.Zero);
        _errors[tile] += new QuantizationError(fit.SquaredError, fit.SquaredNorm, 0);
    }
}
