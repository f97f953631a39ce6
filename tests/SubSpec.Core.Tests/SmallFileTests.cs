using System.Diagnostics;

namespace SubSpec.Core.Tests;

public sealed class SmallFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("subspec-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Links_are_followed_to_the_file()
    {
        File.WriteAllText(At("blob"), "content");
        File.CreateSymbolicLink(At("first"), "blob");
        File.CreateSymbolicLink(At("second"), "first");
        Assert.Equal("content"u8, SmallFile.Read(At("second"), 7, "a text"));
    }

    [Fact]
    public void A_file_that_is_larger_is_refused_behind_links_too()
    {
        File.WriteAllText(At("blob"), "contents");
        File.CreateSymbolicLink(At("link"), "blob");
        Assert.Equal($"{At("link")}: 8B, more than the 7B that a text can have", Refusal("link"));
    }

    [Fact]
    public void What_would_never_end_is_refused_unopened()
    {
        File.WriteAllText(At("empty"), "");
        File.CreateSymbolicLink(At("zeros"), "/dev/zero");
        using (var make = Process.Start("mkfifo", At("pipe"))) make.WaitForExit();
        foreach (string name in new[] { "empty", "zeros", "pipe" }) Assert.Equal($"{At(name)}: empty, or no regular file: a text is expected; download it again", Refusal(name));
    }

    [Fact]
    public void What_is_not_there_cannot_be_read() => Assert.ThrowsAny<IOException>(() => SmallFile.Read(At("none"), 7, "a text"));

    private string At(string name) => Path.Combine(_folder, name);

    private string Refusal(string name) => Assert.Throws<BadInputException>(() => SmallFile.Read(At(name), 7, "a text")).Message;
}
