namespace SubSpec.Torch.Quantization;

/// <summary>Where substitutes are kept when no folder is given.</summary>
public static class SubstituteCacheFolder
{
    /// <summary><c>SUBSPEC_CACHE</c>, else the user's cache folder.</summary>
    public static string Default
    {
        get
        {
            if (Environment.GetEnvironmentVariable("SUBSPEC_CACHE") is { Length: > 0 } chosen) return chosen;
            string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (string.IsNullOrEmpty(cache) && !OperatingSystem.IsWindows())
                cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            if (string.IsNullOrEmpty(cache)) cache = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
            return Path.Combine(cache, "subspec");
        }
    }
}
