namespace SubSpec.Text.Tests.Support;

/// <summary>A test that reads the large public data beside the repository, and says that it was skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(params string[] needed)
    {
        string? missing = needed.Select(n => Path.Combine(Repository.SharedData, n)).FirstOrDefault(p => !Path.Exists(p));
        if (missing is not null) Skip = $"needs {missing}, which is not part of the repository";
    }
}
