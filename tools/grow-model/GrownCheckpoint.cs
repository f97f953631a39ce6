using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SubSpec.Core;
using SubSpec.Torch.Memory;

namespace SubSpec.GrowModel;

/// <summary>
/// The weights of an enlarged model without its file: each piece is made when it is asked for, with the bytes that <see cref="ModelGrower"/> would write.
/// The source's weights stay in memory.
/// </summary>
internal sealed unsafe class GrownCheckpoint : ITensorSource
{
    private readonly GrownModel _model;
    private readonly Dictionary<string, (int[] Shape, TensorGrower Grower)> _tensors = [];

    /// <summary>Reads the source's weights.</summary>
    public GrownCheckpoint(GrownModel model)
    {
        _model = model;
        var sources = model.Tensors.Select(t => t.Source).Distinct().ToDictionary(name => name, name => new SourceTensor(model.Source, name));
        for (int i = 0; i < model.Tensors.Count; i++)
            _tensors.Add(model.Tensors[i].Name, ([.. model.Entries[i].Shape.Select(d => checked((int)d))], model.Grower(i, sources[model.Tensors[i].Source])));
        GrowOptions options = model.Options;
        string key = string.Create(CultureInfo.InvariantCulture, $"grown 1\n{model.Source.Fingerprint}\n{options.Hidden} {options.Intermediate} {options.Layers} {options.Noise:R} {options.Seed}");
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    public string Fingerprint { get; }

    public IReadOnlyCollection<string> Names => _tensors.Keys;

    public TensorInfo Find(string name) => _tensors.TryGetValue(name, out (int[] Shape, TensorGrower Grower) found)
        ? new TensorInfo(name, WeightType.BFloat16, found.Shape, _model.Options.Model, 0, found.Grower.Bytes) { IsGenerated = true }
        : throw new BadInputException($"{_model.Options.Model}: grown, it has no tensor \"{name}\"");

    public void Read(TensorInfo tensor, byte* destination) => _tensors[tensor.Name].Grower.Fill(destination, tensor.Offset, tensor.Bytes);

    /// <summary>The source was read whole and cannot change any more.</summary>
    public void CheckUnchanged()
    {
    }
}
