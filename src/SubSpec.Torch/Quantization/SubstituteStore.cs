using System.Diagnostics;
using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Quantization;

/// <summary>Substitutes are made once per checkpoint and settings, and read from a cache after that.</summary>
public static unsafe class SubstituteStore
{
    /// <summary>Loads the substitutes of some weights, or builds and caches them, weight by weight.</summary>
    /// <param name="linearNames">Tensors of <paramref name="source"/>, each a matrix [out, in].</param>
    /// <param name="cacheFolder">Where cached sets lie; made if missing. Null: no cache.</param>
    /// <param name="cacheFolderIsExplicit">The user named the folder: then it must be writable. Else a folder that is not is one warning, and the set stays in memory.</param>
    /// <param name="progress">Told after each weight that was quantized.</param>
    /// <param name="warn">Gets one line for a cache that is damaged (and built anew) or cannot be written.</param>
    /// <exception cref="BadInputException">A tensor is missing, no matrix, or not finite; or an explicit cache folder cannot be written.</exception>
    public static SubstituteSet LoadOrBuild(
        ITensorSource source,
        IReadOnlyList<string> linearNames,
        QuantizationSettings settings,
        string? cacheFolder,
        bool cacheFolderIsExplicit,
        ComputeTeam team,
        IProgress<QuantizationProgress>? progress = null,
        Action<string>? warn = null)
    {
        long start = Stopwatch.GetTimestamp();
        TensorInfo[] weights = [.. linearNames.Select(name => FindMatrix(source, name))];
        SubstituteCacheFile? cache = cacheFolder is null ? null : new SubstituteCacheFile(Path.GetFullPath(cacheFolder), source.Fingerprint, weights, settings);
        SubstituteSet set = SubstituteSet.Allocate(weights, settings.Bits);
        try
        {
            QuantizationError? loaded = cache is null ? null : TryLoad(cache, set, team, warn);
            QuantizationError error;
            if (loaded is not null) error = loaded.Value;
            else
            {
                if (!TryCache(cache, cacheFolderIsExplicit, warn, file => file.CheckWritable())) cache = null;
                error = Build(source, weights, set, team, progress);
                if (!TryCache(cache, cacheFolderIsExplicit, warn, file => file.Write(set, error, team))) cache = null;
            }
            set.Report = new QuantizationReport(loaded is not null, Stopwatch.GetElapsedTime(start).TotalSeconds, error.Relative, cache?.Path);
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

    private static QuantizationError? TryLoad(SubstituteCacheFile cache, SubstituteSet set, ComputeTeam team, Action<string>? warn)
    {
        try
        {
            return cache.Load(set, team);
        }
        catch (Exception e) when (e is BadInputException or IOException or UnauthorizedAccessException)
        {
            warn?.Invoke($"the cached substitutes cannot be used and are built anew ({e.Message})");
            return null;
        }
    }

    private static QuantizationError Build(
        ITensorSource source, TensorInfo[] weights, SubstituteSet set, ComputeTeam team, IProgress<QuantizationProgress>? progress)
    {
        using var exact = new NativeBuffer(weights.Max(w => (long?)w.Bytes) ?? 0);
        QuantizationError error = default;
        for (int i = 0; i < weights.Length; i++)
        {
            TensorInfo weight = weights[i];
            source.Read(weight, exact.Pointer);
            try
            {
                error += HqqQuantizer.Quantize(team, new WeightMatrix((nint)exact.Pointer, weight.Type, weight.Shape[0], weight.Shape[1]), set[weight.Name]);
            }
            catch (BadInputException e)
            {
                throw new BadInputException($"{weight.File}: {weight.Name}: {e.Message}", e);
            }
            progress?.Report(new QuantizationProgress(i + 1, weights.Length, weight.Name));
        }
        return error;
    }

    // False if there is no cache, or it cannot be written and was not asked for by name.
    private static bool TryCache(SubstituteCacheFile? cache, bool isExplicit, Action<string>? warn, Action<SubstituteCacheFile> action)
    {
        if (cache is null) return false;
        try
        {
            action(cache);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string folder = Path.GetDirectoryName(cache.Path)!;
            if (isExplicit) throw new BadInputException($"the cache folder {folder} cannot be written ({e.Message}): name another one with --cache", e);
            warn?.Invoke($"the cache folder {folder} cannot be written ({e.Message}): the substitutes stay in memory and are built again next time; name another one with --cache");
            return false;
        }
    }
}
