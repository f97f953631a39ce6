using SubSpec.Core;
using SubSpec.Torch.Cuda;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>A test that needs an NVIDIA GPU. Where there is none it is skipped, and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute()
    {
        try
        {
            _ = CudaDevice.Open(0);
        }
        catch (BadInputException e)
        {
            Skip = e.Message;
        }
    }
}
