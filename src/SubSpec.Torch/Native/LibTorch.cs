using System.Reflection;
using TorchSharp;

namespace SubSpec.Torch.Native;

/// <summary>The libtorch that the build brought along.</summary>
public static class LibTorch
{
    /// <summary>Loads libtorch, runs one product and says what it is; <paramref name="problem"/> says why it could not.</summary>
    public static bool TryLoad(out string version, out string? problem)
    {
        version = typeof(torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
        try
        {
            using var scope = torch.NewDisposeScope();
            using torch.Tensor product = torch.ones(2, 3).matmul(torch.ones(3, 2));
            problem = product.sum().item<float>() == 12 ? null : "it multiplies wrongly";
        }
        catch (Exception e) when (e is DllNotFoundException or NotSupportedException or TypeInitializationException or BadImageFormatException or EntryPointNotFoundException)
        {
            problem = (e.InnerException ?? e).Message.Split('\n')[0];
        }
        return problem is null;
    }
}
