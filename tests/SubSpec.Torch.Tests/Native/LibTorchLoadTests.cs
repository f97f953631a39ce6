using TorchSharp;

namespace SubSpec.Torch.Tests.Native;

public class LibTorchLoadTests
{
    [Fact]
    public void Libtorch_loads_and_multiplies_without_a_manual_step()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor product = torch.tensor(new float[] { 1, 2, 3, 4 }, 2, 2).matmul(torch.tensor(new float[] { 5, 6 }, 2, 1));
        Assert.Equal([17f, 39f], product.data<float>().ToArray());
    }
}
