using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace SubSpec.Text.Tests.Support;

/// <summary>Random damage to a file, which FsCheck shrinks to what breaks it.</summary>
internal static class Mutations
{
    private static readonly byte[][] JsonTokens = [.. new[]
    {
        "{", "}", "[", "]", ",", ":", "\"", "0", "-1", "1e3", "1e999", "4194303", "2147483648", "null", "true", "false", "{}", "[]", "\"\"", " ", "\\u0000", "\\ud800", "\\", "\0", "▁", "\"BPE\"",
        "\"Sequence\"", "\"type\"", "\"ByteLevel\"", "\"Metaspace\"", "\"Split\"", "\"Replace\"", "\"Strip\"", "\"Fuse\"", "\"Regex\"", "\"(a+)+$\"", "\"((\"", "\"id\"", "\"content\"",
    }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>One to four steps of damage; shrunk by leaving steps out.</summary>
    public static Arbitrary<Step[]> Arbitrary { get; } = Several(
        from kind in Gen.Choose(0, 6) from at in Gen.Choose(0, 1 << 24) from value in Gen.Choose(0, 1 << 24) select new Step(kind, at, value), 4);

    /// <summary>One to so many of something; shrunk by leaving some out.</summary>
    public static Arbitrary<T[]> Several<T>(Gen<T> one, int most) => Arb.From(
        Gen.Choose(1, most).SelectMany(one.ArrayOf),
        all => all.Length > 1 ? all.Select((_, left) => all.Where((_, i) => i != left).ToArray()) : []);

    /// <summary>How many cases a fuzz test runs; <c>SUBSPEC_FUZZ_CASES</c> raises it.</summary>
    public static Config Cases(int usual) =>
        Config.QuickThrowOnFailure.WithMaxTest(int.TryParse(Environment.GetEnvironmentVariable("SUBSPEC_FUZZ_CASES"), out int more) ? more : usual);

    public static byte[] Apply(byte[] file, Step[] steps)
    {
        var bytes = new List<byte>(file);
        foreach (Step step in steps.Where(_ => bytes.Count > 0)) Apply(bytes, step);
        return [.. bytes];
    }

    private static void Apply(List<byte> bytes, Step step)
    {
        int at = step.At % bytes.Count, run = Math.Min(1 + (step.Value % 60), bytes.Count - at);
        switch (step.Kind)
        {
            case 0:
                bytes[at] = (byte)step.Value;
                break;
            case 1:
                bytes[at] ^= (byte)(1 << (step.Value % 8));
                break;
            case 2:
                bytes.RemoveRange(at, Math.Min(run, 12));
                break;
            case 3:
                bytes.InsertRange(at, JsonTokens[step.Value % JsonTokens.Length]);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, run));
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                // The next value of a key is another one: what damage by single bytes hardly ever makes.
                int colon = bytes.IndexOf((byte)':', at), end = colon < 0 ? -1 : bytes.FindIndex(colon, b => b is (byte)',' or (byte)'}');
                if (end < 0) break;
                bytes.RemoveRange(colon + 1, end - colon - 1);
                bytes.InsertRange(colon + 1, JsonTokens[step.Value % JsonTokens.Length]);
                break;
        }
    }

    /// <summary>One change: which, where, and with what.</summary>
    public sealed record Step(int Kind, int At, int Value);
}
