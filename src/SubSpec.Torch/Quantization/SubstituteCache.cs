using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Quantization;

/// <summary>The cached substitutes of one checkpoint, and what happens where they cannot be read or kept.</summary>
/// <param name="folder">Of the whole cache.</param>
/// <param name="isExplicit">The user named the folder: not to be able to write there is an error, not a warning.</param>
internal sealed class SubstituteCache(string folder, bool isExplicit, string fingerprint, Action<string>? warn)
{
    /// <summary>The folder; null once it is known that it cannot be written.</summary>
    public string? Folder { get; private set; } = Path.GetFullPath(folder);

    /// <summary>Fills the set with all parts that the cache has; null for the others.</summary>
    public QuantizationError?[] Load(IReadOnlyList<SubstitutePart> parts, TensorInfo[][] weights, SubstituteSet set)
    {
        var loaded = new QuantizationError?[parts.Count];
        var problems = new string?[parts.Count];
        LoadThreads.Run(parts.Count, i => loaded[i] = TryLoad(FileOf(parts[i], weights[i]), set, out problems[i]));
        string[] all = [.. problems.OfType<string>()];
        if (all.Length > 0)
            warn?.Invoke($"cached substitutes cannot be used and are built anew: {all[0]}{(all.Length > 1 ? $", and {all.Length - 1} more" : "")}");
        return loaded;
    }

    /// <summary>Finds out before the work is done whether the results can be kept.</summary>
    /// <exception cref="BadInputException">They cannot, and the user named the folder.</exception>
    public void CheckWritable(IEnumerable<SubstitutePart> parts)
    {
        foreach (QuantizationSettings settings in parts.Select(p => p.Settings).Distinct())
        {
            Try(() =>
            {
                string own = SubstituteCacheFile.FolderOf(folder, fingerprint, settings);
                Directory.CreateDirectory(own);
                DeleteAbandoned(own);
                File.Create(Path.Combine(own, $".probe-{Guid.NewGuid():n}.tmp"), 1, FileOptions.DeleteOnClose).Dispose();
            });
        }
    }

    /// <summary>Keeps a part of the set.</summary>
    /// <exception cref="BadInputException">It cannot be written, and the user named the folder.</exception>
    public void Write(SubstitutePart part, TensorInfo[] weights, SubstituteSet set, QuantizationError error, ComputeTeam team) =>
        Try(() => FileOf(part, weights).Write(set, error, team));

    private SubstituteCacheFile FileOf(SubstitutePart part, TensorInfo[] weights) =>
        new(SubstituteCacheFile.FolderOf(folder, fingerprint, part.Settings), part.Name, fingerprint, weights, part.Settings);

    private static QuantizationError? TryLoad(SubstituteCacheFile file, SubstituteSet set, out string? problem)
    {
        problem = null;
        try
        {
            return file.Load(set);
        }
        catch (Exception e) when ((e as BadInputException)?.InnerException is IOException or UnauthorizedAccessException)
        {
            problem = e.InnerException!.Message;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
        }
        catch (BadInputException)
        {
            // What is wrong with it in detail, and where to get another, only matters for files that this program has not made itself.
            problem = $"{file.Path} is damaged or cut short";
        }
        return null;
    }

    // A process that was killed leaves the file it was writing. Whoever still writes one holds its lock.
    private static void DeleteAbandoned(string folder)
    {
        foreach (string file in Directory.GetFiles(folder, ".*.tmp"))
        {
            try
            {
                using var own = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException)
            {
            }
        }
    }

    private void Try(Action write)
    {
        if (Folder is null) return;
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (isExplicit) throw new BadInputException($"the cache folder {Folder} cannot be written ({e.Message}): name another one with --cache", e);
            warn?.Invoke($"the cache folder {Folder} cannot be written ({e.Message}): the substitutes stay in memory and are built again next time; name another one with --cache");
            Folder = null;
        }
    }
}
