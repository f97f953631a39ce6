using SubSpec.Torch.Compute;

namespace SubSpec.Torch.Quantization;

/// <summary>The tiles of some products, shared out over the team. All rows of a tile are done while its weights are in the near caches.</summary>
internal sealed unsafe class QuantizedTask(LowBitKernel kernel, byte* blocks) : TeamTask
{
    private QuantizedProduct[] _products = new QuantizedProduct[4];
    private int _count;
    private int _rows;
    private int _tiles;

    public void Prepare(ReadOnlySpan<QuantizedProduct> products, int rows)
    {
        if (products.Length > _products.Length) _products = new QuantizedProduct[products.Length];
        products.CopyTo(_products);
        _count = products.Length;
        _rows = rows;
        _tiles = 0;
        foreach (QuantizedProduct product in products)
        {
            if (product.Weight.In != products[0].Weight.In) throw new ArgumentException("products of one x need the same input features", nameof(products));
            _tiles += product.Weight.Tiles;
        }
    }

    public override void Run(int worker, int workers)
    {
        (int start, int end) = Share(_tiles, worker, workers);
        int first = 0;
        for (int i = 0; i < _count; i++)
        {
            QuantizedProduct product = _products[i];
            int tiles = product.Weight.Tiles;
            for (int tile = Math.Max(start - first, 0); tile < Math.Min(end - first, tiles); tile++) Tile(product, tile);
            first += tiles;
        }
    }

    private void Tile(in QuantizedProduct product, int tile)
    {
        QuantizedMatrix w = product.Weight;
        float* y = stackalloc float[4 * QuantizedMatrix.TileRows];
        for (int row = 0; row < _rows;)
        {
            byte* x = ActivationBlocks.RowAt(blocks, row, w.In);
            int done = Product(w, tile, x, Math.Min(ActivationBlocks.BundleRows, _rows - row), y);
            Store(product, tile, row, done, y);
            row += done;
        }
    }

    // Up to 4 rows of one bundle; returns how many were done.
    private int Product(QuantizedMatrix w, int tile, byte* x, int rows, float* y)
    {
        switch (kernel)
        {
            case LowBitKernel.Scalar:
                ScalarTile.Row(w, tile, x, y);
                return 1;
            case LowBitKernel.Avx512 when rows == 1:
                Avx512Tile.Row(w, tile, x, y);
                return 1;
            case LowBitKernel.Avx512:
                Avx512Tile.Rows4(w, tile, x, y);
                return rows;
            default:
                if (rows == 1) Avx2Tile.Row(w, tile, x, y);
                else if (rows == 2) Avx2Tile.Rows2(w, tile, x, y);
                else Avx2Tile.Rows4(w, tile, x, y);
                return rows;
        }
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
