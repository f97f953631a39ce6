namespace SubSpec.Torch.Tests.Native;

/// <summary>The libraries that the build brought along.</summary>
internal static class TorchFiles
{
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");

    public static string Of(string name) => Path.Combine(Folder, name);

    /// <summary>LibTorchSharp, before it was made to load where the C++ library is older.</summary>
    public static string LibTorchSharp => Of("libLibTorchSharp.so");
}
