using SubSpec.GrowModel;
using SubSpec.Torch.Tests.Reference;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.GrowModel;

/// <summary>The demo model twice as wide and two layers deeper, made once for all tests of a class.</summary>
public sealed class EnlargedDemo : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public EnlargedDemo()
    {
        Folder = _folder.File("enlarged");
        new ModelGrower(Options(Folder)).Run(_ => { }, CancellationToken.None);
    }

    public string Folder { get; }

    public void Dispose() => _folder.Dispose();

    internal static GrowOptions Options(string folder) => new(DemoModel.Folder, folder, 512, null, 10, GrowOptions.DefaultNoise, 1);
}
