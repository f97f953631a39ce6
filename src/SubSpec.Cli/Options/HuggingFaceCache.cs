using SubSpec.Core;

namespace SubSpec.Cli.Options;

/// <summary>
/// The folder in which the tools of Hugging Face keep downloads: <c>models--org--name/snapshots/REVISION</c>, where
/// <c>refs/main</c> holds the revision.
/// </summary>
internal sealed class HuggingFaceCache(CliEnvironment environment)
{
    /// <summary>HF_HUB_CACHE, else hub in HF_HOME, else in the user's cache folder.</summary>
    public string Folder =>
        Given("HF_HUB_CACHE")
        ?? Path.Combine(Given("HF_HOME") ?? Path.Combine(Given("XDG_CACHE_HOME") ?? Path.Combine(environment.UserFolder, ".cache"), "huggingface"), "hub");

    /// <param name="name"><c>org/name</c>.</param>
    /// <returns>The folder of the model's main revision.</returns>
    /// <exception cref="BadInputException">It is not there, or not whole.</exception>
    public string Find(string name)
    {
        string model = Path.Combine(Folder, "models--" + name.Replace("/", "--", StringComparison.Ordinal));
        if (!Directory.Exists(model))
            throw new BadInputException($"--model {name} is neither a folder here nor in the Hugging Face cache {Folder}: download it there, or give a folder");
        string snapshot = Path.Combine(model, "snapshots", Path.GetFileName(Revision(name, model)));
        return File.Exists(Path.Combine(snapshot, "config.json")) ? snapshot : throw Incomplete(name, Path.Combine(snapshot, "config.json"));
    }

    // A download of one revision by its hash leaves no reference behind.
    private static string Revision(string name, string model)
    {
        string reference = Path.Combine(model, "refs", "main"), snapshots = Path.Combine(model, "snapshots");
        if (File.Exists(reference)) return File.ReadAllText(reference).Trim();
        string[] all = Directory.Exists(snapshots) ? Directory.GetDirectories(snapshots) : [];
        return all.Length == 1 ? all[0] : throw Incomplete(name, reference);
    }

    private static BadInputException Incomplete(string name, string missing) =>
        new($"--model {name} is not complete in the Hugging Face cache, {missing} is missing: download it again, or give a folder");

    private string? Given(string variable) => environment.Variable(variable) is { Length: > 0 } value ? value : null;
}
