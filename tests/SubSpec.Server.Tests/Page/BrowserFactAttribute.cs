namespace SubSpec.Server.Tests.Page;

/// <summary>A test that needs Chromium and its driver, as <c>.ci/run</c> installs them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        string[] missing = [.. Browser.Programs.Where(p => Browser.Find(p) is null)];
        if (missing.Length > 0) Skip = $"THE PAGE IS NOT TESTED: {string.Join(" and ", missing)} not found. Install them: apt-get install chromium chromium-driver";
    }
}
