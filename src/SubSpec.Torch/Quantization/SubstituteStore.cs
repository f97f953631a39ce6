using System.Diagnostics;
using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// Substitutes are made once per checkpoint and settings, and read from a cache after that. Each part has a file of its own, written
/// as soon as the part is done: an interrupted run goes on where it stopped, and another memory budget makes only what is missing.
/// </summary>
public static unsafe class SubstituteStore
{
    /// <summary>Exact weights that are in memory at once.</summary>
    private const long BlockBytes = 64 << 20;

    /// <summary>Loads the substitutes of some weights; builds and caches those that the cache does not have, weight by weight.</summary>
    /// <param name="parts">Tensors of <paramref name="source"/>.</param>
    /// <param name="cacheFolder">Where cached substitutes lie; made if missing. Null: no cache.</param>
    /// <param name="cacheFolderIsExplicit">The user named the folder: then it must be writable. Else a folder that is not is one warning, and the set stays in memory.</param>
    /// <param name="progress">Told after each weight, or block of a large one, that was quantized.</param>
    /// <param name="warn">Gets one line for a cache that is damaged (and built anew) or cannot be written.</param>
    /// <exception cref="BadInputException">A tensor is missing, no matrix, or not finite; or an explicit cache folder cannot be written.</exception>
    public static SubstituteSet LoadOrBuild(
        ITensorSource source,
        IReadOnlyList<SubstitutePart> parts,
        QuantizationSettings settings,
        string? cacheFolder,
        bool cacheFolderIsExplicit,
        ComputeTeam team,
        IProgress<QuantizationProgress>? progress = null,
        Action<string>? warn = null)
    {
        long start = Stopwatch.GetTimestamp();
        TensorInfo[][] weights = [.. parts.Select(part => part.Weights.Select(name => FindMatrix(source, name)).ToArray())];
        string? folder = cacheFolder is null ? null : SubstituteCacheFile.FolderOf(cacheFolder, source.Fingerprint, settings);
        SubstituteSet set = SubstituteSet.Allocate(weights, settings.Bits);
        try
        {
            var loaded = new QuantizationError?[parts.Count];
            var problems = new string?[parts.Count];
            if (folder is not null) LoadThreads.Run(parts.Count, i => loaded[i] = TryLoad(FileOf(i), set, out problems[i]));
            foreach (string problem in problems.OfType<string>()) warn?.Invoke($"the cached substitutes cannot be used and are built anew ({problem})");
            QuantizationError error = loaded.Aggregate(default(QuantizationError), (sum, part) => sum + (part ?? default));
            int[] missing = [.. Enumerable.Range(0, parts.Count).Where(i => loaded[i] is null)];
            if (missing.Length > 0 && !TryCache(folder, cacheFolderIsExplicit, warn, CheckWritable)) folder = null;

            using var exact = new NativeBuffer(missing.SelectMany(i => weights[i]).Max(w => (long?)RowsAtOnce(w) * RowBytes(w)) ?? 0);
            long done = 0, total = missing.Sum(i => weights[i].Sum(w => w.Bytes));
            foreach (int i in missing)
            {
                QuantizationError built = default;
                foreach (TensorInfo weight in weights[i])
                {
                    int rows = RowsAtOnce(weight);
                    for (int row = 0; row < weight.Shape[0]; row += rows)
                    {
                        TensorInfo block = Rows(weight, row, Math.Min(rows, weight.Shape[0] - row));
                        built += Quantize(source, block, row, exact, set[weight.Name].RowsFrom(row, block.Shape[0]), team);
                        progress?.Report(new QuantizationProgress(done += block.Bytes, total, weight.Name));
                    }
                }
                if (!TryCache(folder, cacheFolderIsExplicit, warn, _ => FileOf(i).Write(set, built, team))) folder = null;
                error += built;
            }
            set.Report = new QuantizationReport(
                missing.Length, parts.Count - missing.Length, Stopwatch.GetElapsedTime(start).TotalSeconds, error.Relative, folder);
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }

        SubstituteCacheFile FileOf(int part) => new(folder!, parts[part].Name, source.Fingerprint, weights[part], settings);
    }

    private static TensorInfo FindMatrix(ITensorSource source, string name)
    {
        TensorInfo weight = source.Find(name);
        if (weight.Shape.Count != 2 || weight.Shape.Any(d => d < 1))
            throw new BadInputException($"{weight.File}: {name} has the shape [{string.Join(", ", weight.Shape)}], not that of a matrix: it cannot have a substitute");
        return weight;
    }

    private static QuantizationError? TryLoad(SubstituteCacheFile cache, SubstituteSet set, out string? problem)
    {
        problem = null;
        try
        {
            return cache.Load(set);
        }
        catch (Exception e) when (e is BadInputException or IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
            return null;
        }
    }

    // In whole tiles: the head of a large vocabulary may be larger than two layers.
    private static int RowsAtOnce(TensorInfo weight)
    {
        long tiles = Math.Max(1, BlockBytes / (RowBytes(weight) * QuantizedMatrix.TileRows));
        return (int)Math.Min(weight.Shape[0], tiles * QuantizedMatrix.TileRows);
    }

    private static long RowBytes(TensorInfo weight) => weight.Bytes / weight.Shape[0];

    private static TensorInfo Rows(TensorInfo weight, int first, int rows) =>
        weight with { Shape = [rows, weight.Shape[1]], Offset = weight.Offset + (first * RowBytes(weight)), Bytes = rows * RowBytes(weight) };

    private static QuantizationError Quantize(ITensorSource source, TensorInfo weight, int firstRow, NativeBuffer exact, QuantizedMatrix substitute, ComputeTeam team)
    {
        source.Read(weight, exact.Pointer);
        try
        {
            return HqqQuantizer.Quantize(team, new WeightMatrix((nint)exact.Pointer, weight.Type, weight.Shape[0], weight.Shape[1]), substitute, firstRow);
        }
        catch (BadInputException e)
        {
            throw new BadInputException($"{weight.File}: {weight.Name}: {e.Message}", e);
        }
    }

    // Finds out before the work is done whether its result can be kept.
    private static void CheckWritable(string folder)
    {
        Directory.CreateDirectory(folder);
        File.Create(Path.Combine(folder, $".probe-{Guid.NewGuid():n}"), 1, FileOptions.DeleteOnClose).Dispose();
    }

    // False if there is no cache, or it cannot be written and was not asked for by name.
    private static bool TryCache(string? folder, bool isExplicit, Action<string>? warn, Action<string> action)
    {
        if (folder is null) return false;
        try
        {
            action(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string cache = Path.GetDirectoryName(folder)!;
            if (isExplicit) throw new BadInputException($"the cache folder {cache} cannot be written ({e.Message}): name another one with --cache", e);
            warn?.Invoke($"the cache folder {cache} cannot be written ({e.Message}): the substitutes stay in memory and are built again next time; name another one with --cache");
            return false;
        }
    }
}
