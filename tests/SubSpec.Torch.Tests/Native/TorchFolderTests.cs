using SubSpec.Core;
using SubSpec.Torch.Native;
using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Native.Elf;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.Native;

public sealed class TorchFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Libraries_come_after_those_that_they_are_linked_to()
    {
        string[] order = [.. TorchFolder.Open(TorchFiles.Folder).InLoadOrder(cuda: false).Select(l => l.Name)];

        Assert.Equal(["libc10.so", "libtorch_cpu.so", "libtorch.so"], order.Where(n => !n.StartsWith("libgomp", StringComparison.Ordinal)));
        Assert.True(Array.FindIndex(order, n => n.StartsWith("libgomp", StringComparison.Ordinal)) < Array.IndexOf(order, "libtorch_cpu.so"));
    }

    [Fact]
    public void The_package_folder_will_do_and_libraries_beside_it_are_found()
    {
        string site = _folder.File("site-packages"), lib = Path.Combine(site, "torch", "lib"), runtime = Path.Combine(site, "nvidia", "cuda_runtime", "lib");
        Directory.CreateDirectory(lib);
        Directory.CreateDirectory(runtime);
        foreach (string name in new[] { "libc10.so", "libtorch_cpu.so", "libtorch.so" }) File.CreateSymbolicLink(Path.Combine(lib, name), TorchFiles.Of(name));
        File.WriteAllText(Path.Combine(runtime, "libcudart.so.12"), "");
        File.WriteAllText(Path.Combine(runtime, "libcudart.so.13"), "");

        var torch = TorchFolder.Open(Path.Combine(site, "torch"));

        Assert.Equal(lib, torch.Path);
        Assert.False(torch.HasCuda);
        // Where libtorch does not say which one it is linked to.
        Assert.Equal(Path.Combine(runtime, "libcudart.so.13"), torch.FindCudaRuntime());
        // Nor where it says something else.
        File.CreateSymbolicLink(Path.Combine(lib, "libc10_cuda.so"), TorchFiles.Of("libtorch.so"));
        Assert.Equal(Path.Combine(runtime, "libcudart.so.13"), torch.FindCudaRuntime());
    }

    [Theory]
    [InlineData("")]
    [InlineData("libtorch_cpu.so")]
    [InlineData("libtorch_cpu.so libc10.so")]
    public void A_folder_without_all_of_libtorch_is_refused_and_what_is_missing_named(string present)
    {
        foreach (string name in present.Split(' ', StringSplitOptions.RemoveEmptyEntries)) File.WriteAllText(_folder.File(name), "");

        string message = Assert.Throws<BadInputException>(() => TorchFolder.Open(Path.GetDirectoryName(_folder.File("x"))!)).Message;

        Assert.Contains(TorchFolder.Variable, message, StringComparison.Ordinal);
        Assert.Matches("there is no lib(c10|torch|torch_cpu).so", message);
    }

    [Fact]
    public void Functions_that_are_missing_are_refused_before_anything_is_loaded()
    {
        var torch = TorchFolder.Open(TorchFiles.Folder);

        BadInputException refused = Assert.Throws<BadInputException>(() => TorchLibraries.Load(torch, cuda: false, [.. TorchApi.Functions(TorchPlace.Cuda(0))]));

        Assert.Contains("aoti_torch_cuda_", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_libtorch_for_cpu_only_is_refused_for_cuda() =>
        Assert.Contains("is for cpu only", Assert.Throws<BadInputException>(() => new TorchApi(TorchPlace.Cuda(0))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_C_interface_has_all_that_is_called_and_computes()
    {
        var api = new TorchApi(TorchPlace.Cpu);
        float[] a = [1, 2, 3, 4, 5, 6], b = [1, 0, 0, 1, 1, 1], result = new float[4];
        unsafe
        {
            fixed (float* left = a, right = b, to = result)
            {
                using Tensor x = api.View((nint)left, TorchDtype.Float32, [2, 3], [3, 1]), y = api.View((nint)right, TorchDtype.Float32, [3, 2], [2, 1]);
                using Tensor product = api.View((nint)to, TorchDtype.Float32, [2, 2], [2, 1]);
                api.Product(product, x, y);
                Assert.Equal([2, 2], api.SizesOf(product));
                Assert.Equal((nint)to, product.Data);
            }
        }
        Assert.Equal([4, 5, 10, 11], result);
    }

    public void Dispose() => _folder.Dispose();
}
