using System.Runtime.CompilerServices;
using SubSpec.Server.Http.Chat;
using SubSpec.Server.Http.Completions;
using SubSpec.Server.Http.Requests;

namespace SubSpec.Server.Tests.Http.Requests;

public class ReadmeTests
{
    public static TheoryData<string> Parameters => [.. new ChatApi().Parameters.Concat(new CompletionApi().Parameters).Select(p => p.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Every_parameter_is_explained(string name) => Assert.Contains(Rows(), row => row.Split('|')[1].Contains($"`{name}`", StringComparison.Ordinal));

    [Fact]
    public void What_is_refused_is_said_to_be()
    {
        string refused = Rows().Single(row => row.EndsWith("| refused |", StringComparison.Ordinal));
        Assert.All(new ChatApi().Parameters.Where(p => p.OnlyAs is { IsEmpty: true }), (Parameter p) => Assert.Contains($"`{p.Name}`", refused, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Rows([CallerFilePath] string here = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "README.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
}
