using SubSpec.Core;

namespace SubSpec.Torch.Streaming;

/// <summary>The open files behind some layers, and how each layer comes from them into a slot: what a plan counts is what a link allocates.</summary>
internal sealed class LinkFiles : IDisposable
{
    private readonly Dictionary<string, DirectFile> _files = new(StringComparer.Ordinal);

    /// <param name="layers">Laid out in this order.</param>
    /// <exception cref="BadInputException">A file cannot be read, or is shorter than its tensors.</exception>
    public LinkFiles(IReadOnlyList<OffloadedLayer> layers)
    {
        try
        {
            foreach (string file in layers.SelectMany(l => l.Tensors).Where(t => !t.IsGenerated).Select(t => t.File).Distinct(StringComparer.Ordinal))
                _files.Add(file, DirectFile.Open(file));
            Alignment = _files.Values.Select(f => f.Alignment).DefaultIfEmpty(DirectFile.DefaultAlignment).Max();
            Layouts = [.. layers.Select(l => LayerLayout.Plan(l.Layer, l.Tensors, f => _files[f].Length, Alignment))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What offsets of reads in any of the files must be multiples of, in bytes.</summary>
    public int Alignment { get; }

    public IReadOnlyList<LayerLayout> Layouts { get; }

    /// <summary>Whether all files are read past the page cache.</summary>
    public bool AreDirect => _files.Values.All(f => f.IsDirect);

    /// <summary>A file by its path.</summary>
    public DirectFile this[string file] => _files[file];

    /// <summary>Bytes of a slot that holds any of these layers.</summary>
    /// <exception cref="BadInputException">As the constructor.</exception>
    public static long SlotBytes(IReadOnlyList<OffloadedLayer> layers)
    {
        using var files = new LinkFiles(layers);
        return WeightRing.SlotBytesFor(files.Layouts, files.Alignment);
    }

    public void Dispose()
    {
        foreach (DirectFile file in _files.Values) file.Dispose();
    }
}
