using System.Diagnostics;
using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// Substitutes are made once per checkpoint and settings, and read from a cache after that. Each part has a file of its own, written
/// as soon as the part is done: an interrupted run goes on where it stopped, and another memory budget makes only what is missing.
/// </summary>
public static class SubstituteStore
{
    /// <summary>Exact weights that are in memory at once, if the budget has room for them: more would not be faster.</summary>
    public const long BlockBytes = 64 << 20;

    /// <summary>Loads the substitutes of some weights; builds and caches those that the cache does not have, weight by weight.</summary>
    /// <param name="parts">Of tensors of <paramref name="source"/>.</param>
    /// <param name="cacheFolder">Where cached substitutes lie; made if missing. Null: no cache.</param>
    /// <param name="cacheFolderIsExplicit">The user named the folder: then it must be writable. Else a folder that is not is one warning, and the set stays in memory.</param>
    /// <param name="blockBytes">Exact weights that may be in memory at once, beside the substitutes.</param>
    /// <param name="progress">Told after each weight, or block of a large one, that was quantized.</param>
    /// <param name="warn">Gets one line for a cache that is damaged (and built anew) or cannot be written.</param>
    /// <exception cref="BadInputException">A tensor is missing, no matrix, or not finite; or an explicit cache folder cannot be written.</exception>
    public static SubstituteSet LoadOrBuild(
        ITensorSource source,
        IReadOnlyList<SubstitutePart> parts,
        string? cacheFolder,
        bool cacheFolderIsExplicit,
        ComputeTeam team,
        long blockBytes = BlockBytes,
        IProgress<QuantizationProgress>? progress = null,
        Action<string>? warn = null)
    {
        long start = Stopwatch.GetTimestamp();
        TensorInfo[][] weights = [.. parts.Select(part => part.Weights.Select(name => FindMatrix(source, name)).ToArray())];
        SubstituteCache? cache = cacheFolder is null ? null : new(cacheFolder, cacheFolderIsExplicit, source.Fingerprint, warn);
        SubstituteSet set = SubstituteSet.Allocate(parts, weights);
        try
        {
            QuantizationError?[] loaded = cache?.Load(parts, weights, set) ?? new QuantizationError?[parts.Count];
            int[] missing = [.. Enumerable.Range(0, parts.Count).Where(i => loaded[i] is null)];
            cache?.CheckWritable(missing.Select(i => parts[i]));
            using var builder = new SubstituteBuilder(source, [.. missing.SelectMany(i => weights[i])], team, Math.Min(blockBytes, BlockBytes), progress);
            var errors = loaded.Select(error => error ?? default).ToArray();
            foreach (int i in missing)
            {
                errors[i] = builder.Build(weights[i], set);
                cache?.Write(parts[i], weights[i], set, errors[i], team);
            }
            set.Origins = [.. parts.Select((part, i) => new SubstituteOrigin(part, loaded[i] is null, errors[i]))];
            (set.Time, set.CacheFolder) = (Stopwatch.GetElapsedTime(start), cache?.Folder);
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    private static TensorInfo FindMatrix(ITensorSource source, string name)
    {
        TensorInfo weight = source.Find(name);
        if (weight.Shape.Count != 2 || weight.Shape.Any(d => d < 1))
            throw new BadInputException($"{weight.File}: {name} has the shape [{string.Join(", ", weight.Shape)}], not that of a matrix: it cannot have a substitute");
        return weight;
    }
}
