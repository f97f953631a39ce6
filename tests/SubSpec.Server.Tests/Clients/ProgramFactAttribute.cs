using SubSpec.Server.Tests.Page;

namespace SubSpec.Server.Tests.Clients;

/// <summary>A test that needs programs of others, as <c>.ci/run</c> installs them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(params string[] programs)
    {
        string[] missing = [.. programs.Where(p => Browser.Find(p) is null)];
        if (missing.Length > 0) Skip = $"THIS CLIENT IS NOT TESTED: {string.Join(" and ", missing)} not found. Install: apt-get install curl nodejs npm";
    }
}
