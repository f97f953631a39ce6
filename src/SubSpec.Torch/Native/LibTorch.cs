using System.Reflection;
using SubSpec.Core;
using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Native.Elf;
using TorchSharp;

namespace SubSpec.Torch.Native;

/// <summary>The libtorch that the build brought along, or the one that <see cref="TorchFolder.Variable"/> names.</summary>
public static class LibTorch
{
    private static string SharpVersion => typeof(torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Loads libtorch, runs one product and says what it is; <paramref name="problem"/> says why it could not.</summary>
    /// <param name="what">By what it was called.</param>
    public static bool TryLoad(out string what, out string? problem) =>
        Environment.GetEnvironmentVariable(TorchFolder.Variable) is { Length: > 0 } ? TryLoadNamed(out what, out problem) : TryLoadOwn(out what, out problem);

    private static bool TryLoadOwn(out string what, out string? problem)
    {
        what = $"TorchSharp {SharpVersion}";
        try
        {
            // Where there is none, TorchSharp would look for packages of a developer and copy them beside the program.
            _ = TorchLibraries.Locate();
            using var scope = torch.NewDisposeScope();
            using torch.Tensor product = torch.ones(2, 3).matmul(torch.ones(3, 2));
            problem = product.sum().item<float>() == 12 ? null : "it multiplies wrongly";
        }
        catch (Exception e) when (e is BadInputException or DllNotFoundException or NotSupportedException or TypeInitializationException or BadImageFormatException or EntryPointNotFoundException)
        {
            problem = (e.InnerException ?? e).Message.Split('\n')[0];
        }
        return problem is null;
    }

    /// <summary>By its C interface: LibTorchSharp fits one version only, which is checked and said, and it is not loaded over another.</summary>
    private static bool TryLoadNamed(out string what, out string? problem)
    {
        what = "C interface";
        try
        {
            problem = Multiplies(new TorchApi(TorchPlace.Cpu)) ? null : "it multiplies wrongly";
            what = $"{TorchLibraries.Locate().Path}, by its C interface; {SharpVerdict()}";
        }
        catch (Exception e) when (e is BadInputException or TorchException or EntryPointNotFoundException)
        {
            problem = e.Message;
        }
        return problem is null;
    }

    private static string SharpVerdict()
    {
        string[] candidates = [Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so"), Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so")];
        if (candidates.FirstOrDefault(File.Exists) is not { } sharp) return "no LibTorchSharp is here";
        try
        {
            TorchFolder.RequireSymbols(TorchLibraries.Locate().InLoadOrder(cuda: false), ElfLibrary.Read(sharp).Undefined(), "LibTorchSharp");
            return $"TorchSharp {SharpVersion} would fit too";
        }
        catch (BadInputException e)
        {
            return $"TorchSharp {SharpVersion} would not: {e.Message}";
        }
    }

    private static unsafe bool Multiplies(TorchApi api)
    {
        float* memory = stackalloc float[] { 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
        using Tensor a = api.View((nint)memory, TorchDtype.Float32, [2, 3], [3, 1]), b = api.View((nint)memory, TorchDtype.Float32, [3, 2], [2, 1]);
        using Tensor product = api.View((nint)(memory + 6), TorchDtype.Float32, [2, 2], [2, 1]);
        api.Product(product, a, b);
        return memory[6] + memory[7] + memory[8] + memory[9] == 12;
    }
}
