namespace SubSpec.Torch.Cuda;

/// <summary>
/// Giving things back to a device that has failed: after an error that sticks every further call reports it again, and the next thing must be given
/// back all the same.
/// </summary>
internal static class Quietly
{
    public static void Dispose(IDisposable? part) => Run(() => part?.Dispose());

    public static void Run(Action release)
    {
        try
        {
            release();
        }
        catch (CudaException)
        {
            // The error was reported by the call that met it first.
        }
    }
}
