using SubSpec.Core;
using SubSpec.Torch.Native;
using SubSpec.Torch.Native.Elf;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.Native;

/// <summary>Reads the real libraries of this build, and whatever else a file may hold.</summary>
public sealed class ElfLibraryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_library_says_what_it_is_and_what_it_is_linked_to()
    {
        var sharp = ElfLibrary.Read(TorchFiles.LibTorchSharp);

        Assert.Equal("libLibTorchSharp.so", sharp.Name);
        Assert.Equal(["libtorch.so", "libc10.so", "libtorch_cpu.so"], sharp.Needed.Take(3));
        Assert.Contains("THSTensor_matmul", sharp.Exported());
        Assert.DoesNotContain("THSTensor_matmul", sharp.Undefined());
    }

    [Fact]
    public void What_LibTorchSharp_needs_is_in_the_libtorch_that_it_was_built_for()
    {
        string[] wanted = [.. ElfLibrary.Read(TorchFiles.LibTorchSharp).Undefined()];

        // The C and C++ libraries' own symbols have versions and are not among them.
        Assert.InRange(wanted.Length, 500, 1500);
        Assert.DoesNotContain("malloc", wanted);
        TorchFolder.RequireSymbols(TorchFolder.Open(TorchFiles.Folder).InLoadOrder(cuda: false), wanted, "LibTorchSharp");
    }

    [Fact]
    public void A_libtorch_that_lacks_a_symbol_is_refused_and_the_symbol_named()
    {
        ElfLibrary[] only = [ElfLibrary.Read(TorchFiles.Of("libc10.so"))];

        BadInputException refused = Assert.Throws<BadInputException>(
            () => TorchFolder.RequireSymbols(only, ["zzz_not_there", "aoti_torch_no_such_function", .. only[0].Exported().Take(3)], "this program"));

        Assert.Contains("needs 5 symbols and 2 of them are not there, the first aoti_torch_no_such_function", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u007fELF")]
    [InlineData("INPUT ( libtorch.so )")]
    public void A_file_that_is_no_library_is_refused(string content)
    {
        string path = _folder.File("libtorch_cpu.so");
        File.WriteAllText(path, content);

        Assert.Contains(path, Assert.Throws<BadInputException>(() => ElfLibrary.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_is_cut_off_anywhere_is_refused_or_read()
    {
        byte[] whole = File.ReadAllBytes(TorchFiles.Of("libtorch.so"));
        int refused = 0;
        for (int length = 0; length < whole.Length; length += 61) refused += Survives(whole.AsSpan(0, length));

        // The table of sections stands at the end.
        Assert.InRange(refused, whole.Length / 61, int.MaxValue);
    }

    [Fact]
    public void A_damaged_library_is_refused_or_read()
    {
        byte[] whole = File.ReadAllBytes(TorchFiles.Of("libtorch_global_deps.so"));
        var random = new Random(5);
        int refused = 0;
        for (int run = 0; run < 600; run++)
        {
            byte[] damaged = (byte[])whole.Clone();
            // The headers and tables are few of its bytes: most of the damage goes there.
            int from = run % 3 == 0 ? 0 : BitConverter.ToInt32(whole, 40);
            int room = run % 3 == 0 ? 64 : whole.Length - from;
            for (int change = 0; change < 1 + run % 7; change++) damaged[from + random.Next(room)] = (byte)(run % 2 == 0 ? 0xFF : random.Next(256));
            refused += Survives(damaged);
        }
        Assert.InRange(refused, 50, 599);
    }

    [Fact]
    public void Offsets_that_overflow_are_refused()
    {
        byte[] whole = File.ReadAllBytes(TorchFiles.Of("libtorch_global_deps.so"));
        int sections = BitConverter.ToInt32(whole, 40);
        for (int section = 1; section < BitConverter.ToUInt16(whole, 60); section++)
        {
            foreach (int field in new[] { 24, 32 })
            {
                byte[] damaged = (byte[])whole.Clone();
                BitConverter.TryWriteBytes(damaged.AsSpan(sections + section * 64 + field), long.MaxValue - 1);
                Survives(damaged);
            }
        }
        byte[] header = (byte[])whole.Clone();
        BitConverter.TryWriteBytes(header.AsSpan(40), long.MaxValue);
        Assert.Equal(1, Survives(header));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>1 where the file is refused, 0 where it is read whole; anything else fails.</summary>
    private int Survives(ReadOnlySpan<byte> content)
    {
        string path = _folder.File("damaged.so");
        File.WriteAllBytes(path, content.ToArray());
        try
        {
            var library = ElfLibrary.Read(path);
            _ = library.Undefined().Count() + library.Exported().Count();
            return 0;
        }
        catch (BadInputException)
        {
            return 1;
        }
    }
}
