using SubSpec.Torch.Compute;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// Rounds the activations of some products of one x, then does their tiles, over the team. All rows of a tile are done while its
/// weights are in the near caches.
/// </summary>
internal sealed unsafe class QuantizedTask(LowBitKernel kernel, byte* blocks) : TeamTask
{
    // Fewer activations are rounded by the caller before a second round of the team could start.
    private const int ElementsWorthSharing = 8 * 1024;
    private const int RowsBoundByMemory = 2;
    private const int SharesPerWorker = 8;
    private const int MaxTilesOfShare = 8;

    private QuantizedProduct[] _products = new QuantizedProduct[4];
    private float* _x;
    private int _rows;
    private int _in;
    private int _tiles;
    private int _tilesOfShare;
    private int _next;
    private bool _rounding;

    /// <summary>All <paramref name="products"/> of [rows, in] activations.</summary>
    public void Run(ComputeTeam team, ReadOnlySpan<QuantizedProduct> products, float* x, int rows)
    {
        Prepare(team, products, x, rows);
        if ((long)rows * _in < ElementsWorthSharing)
        {
            Round(0, rows);
        }
        else
        {
            _rounding = true;
            team.Run(this);
            _rounding = false;
        }
        team.Run(this);
    }

    public override void Run(int worker, int workers)
    {
        if (!_rounding)
        {
            Multiply();
            return;
        }
        (int start, int end) = Share(_rows, worker, workers);
        Round(start, end);
    }

    private void Prepare(ComputeTeam team, ReadOnlySpan<QuantizedProduct> products, float* x, int rows)
    {
        if (products.Length > _products.Length) _products = new QuantizedProduct[products.Length];
        products.CopyTo(_products);
        _x = x;
        _rows = rows;
        _in = products[0].Weight.In;
        (_tiles, _next) = (0, 0);
        foreach (QuantizedProduct product in products)
        {
            if (product.Weight.In != _in) throw new ArgumentException("products of one x need the same input features", nameof(products));
            _tiles += product.Weight.Tiles;
        }
        // Few rows wait for memory, which serves one long run a worker best; more rows compute, and short shares even out the cores.
        _tilesOfShare = rows <= RowsBoundByMemory
            ? (_tiles + team.Threads - 1) / team.Threads
            : Math.Clamp(_tiles / (team.Threads * SharesPerWorker), 1, MaxTilesOfShare);
    }

    private void Round(int start, int end)
    {
        for (int row = start; row < end; row++)
            ActivationBlocks.QuantizeRow(_x + ((long)row * _in), _in, ActivationBlocks.RowAt(blocks, row, _in));
    }

    // Shares are taken when a worker is free: a core that somebody else uses for a while does not hold up the others.
    private void Multiply()
    {
        for (int start = Take(); start < _tiles; start = Take())
        {
            int end = Math.Min(start + _tilesOfShare, _tiles), product = 0, first = 0;
            for (int tile = start; tile < end; tile++)
            {
                while (tile - first >= _products[product].Weight.Tiles) first += _products[product++].Weight.Tiles;
                Tile(_products[product], tile - first);
            }
        }
    }

    private int Take() => Interlocked.Add(ref _next, _tilesOfShare) - _tilesOfShare;

    private void Tile(in QuantizedProduct product, int tile)
    {
        QuantizedMatrix w = product.Weight;
        float* y = stackalloc float[ActivationBlocks.BundleRows * QuantizedMatrix.TileRows];
        for (int row = 0; row < _rows;)
        {
            byte* x = ActivationBlocks.RowAt(blocks, row, w.In);
            int done = Product(w, tile, x, Math.Min(ActivationBlocks.BundleRows, _rows - row), y);
            Store(product, tile, row, done, y);
            row += done;
        }
    }

    // Up to the four rows of one bundle; returns how many were done.
    private int Product(in QuantizedMatrix w, int tile, byte* x, int rows, float* y)
    {
        switch (kernel)
        {
            case LowBitKernel.Scalar:
                ScalarTile.Row(w, tile, x, y);
                return 1;
            case LowBitKernel.Avx512:
                Vectors<TileLanes512>(w, tile, x, rows, (byte*)y);
                return rows;
            default:
                Vectors<TileLanes256>(w, tile, x, rows, (byte*)y);
                return rows;
        }
    }

    // Three rows cost as much as four.
    private static void Vectors<TLanes>(in QuantizedMatrix w, int tile, byte* x, int rows, byte* y)
        where TLanes : struct, ITileLanes<TLanes>
    {
        if (rows == 1) VectorTile<TLanes, OneRow>.Run(w, tile, x, y);
        else if (rows == 2) VectorTile<TLanes, TwoRows>.Run(w, tile, x, y);
        else VectorTile<TLanes, FourRows>.Run(w, tile, x, y);
    }

    private static void Store(in QuantizedProduct product, int tile, int row, int rows, float* y)
    {
        int first = tile * QuantizedMatrix.TileRows, lanes = Math.Min(QuantizedMatrix.TileRows, product.Weight.Out - first);
        for (int r = 0; r < rows; r++, y += QuantizedMatrix.TileRows)
        {
            float* target = product.Y + ((long)(row + r) * product.Weight.Out) + first;
            for (int lane = 0; lane < lanes; lane++) target[lane] = product.Bias is null ? y[lane] : y[lane] + product.Bias[first + lane];
        }
    }
}
