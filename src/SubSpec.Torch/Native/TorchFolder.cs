using SubSpec.Core;
using SubSpec.Torch.Native.Elf;

namespace SubSpec.Torch.Native;

/// <summary>
/// A libtorch on disk: its folder, and the folders beside it where a Python environment keeps NVIDIA's libraries
/// (<c>site-packages/nvidia/*/lib</c>). Nothing is loaded here.
/// </summary>
internal sealed class TorchFolder
{
    /// <summary>The environment variable that names one.</summary>
    public const string Variable = "SUBSPEC_LIBTORCH";

    /// <summary>How to find the one of a Python environment.</summary>
    public const string Hint = "the lib folder of a Python torch: python3 -c \"import torch; print(torch.__path__[0] + '/lib')\"";

    private static readonly string[] Cpu = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];
    private static readonly string[] Cuda = ["libc10_cuda.so", "libtorch_cuda.so"];

    private readonly string[] _folders;

    private TorchFolder(string path, string[] folders) => (Path, _folders) = (path, folders);

    public string Path { get; }

    /// <summary>Whether it computes on CUDA devices too.</summary>
    public bool HasCuda => Cuda.All(name => Find(name) is not null);

    /// <summary>Looks at a folder. Throws <see cref="BadInputException"/> where it holds no libtorch.</summary>
    /// <param name="path">The folder of the libraries, or the Python package that they lie in.</param>
    public static TorchFolder Open(string path)
    {
        string[] candidates = [path, System.IO.Path.Combine(path, "lib")];
        string folder = candidates.FirstOrDefault(c => File.Exists(System.IO.Path.Combine(c, Cpu[1])))
            ?? throw new BadInputException($"{Variable}={path}: there is no {Cpu[1]}; give {Hint}");
        folder = System.IO.Path.GetFullPath(folder);
        string nvidia = System.IO.Path.Combine(folder, "..", "..", "nvidia");
        string[] beside = Directory.Exists(nvidia) ? [.. Directory.GetDirectories(nvidia).Select(d => System.IO.Path.Combine(d, "lib")).Where(Directory.Exists).Order(StringComparer.Ordinal)] : [];
        var found = new TorchFolder(folder, [folder, .. beside.Select(System.IO.Path.GetFullPath)]);
        foreach (string name in Cpu)
            if (found.Find(name) is null) throw new BadInputException($"{Variable}={path}: there is no {name}; give {Hint}");
        return found;
    }

    /// <summary>The path of a library; null where it is not there.</summary>
    public string? Find(string name) => _folders.Select(f => System.IO.Path.Combine(f, name)).FirstOrDefault(File.Exists);

    /// <summary>The path of the CUDA runtime that libtorch is linked to, else of the newest one that lies here; null where there is none.</summary>
    public string? FindCudaRuntime()
    {
        string? linked = Cuda.Select(Find).OfType<string>().SelectMany(path => ElfLibrary.Read(path).Needed).FirstOrDefault(n => n.StartsWith("libcudart", StringComparison.Ordinal));
        return (linked is null ? null : Find(linked)) ?? FindNewest("libcudart.so.") ?? FindNewest("libcudart-");
    }

    /// <summary>The path of the library whose name begins so, the one that sorts last (the newest version) where there are several; null where there is none.</summary>
    private string? FindNewest(string prefix) => _folders.SelectMany(f => Directory.GetFiles(f, prefix + "*")).Order(StringComparer.Ordinal).LastOrDefault();

    /// <summary>
    /// The libraries in the order in which they can be loaded: each after those that it is linked to and that lie here. The system finds the others.
    /// </summary>
    public IReadOnlyList<ElfLibrary> InLoadOrder(bool cuda)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var order = new List<ElfLibrary>();
        foreach (string name in cuda ? [.. Cpu[..2], .. Cuda, Cpu[2]] : Cpu) Visit(name);
        return order;

        void Visit(string name)
        {
            if (!seen.Add(name) || Find(name) is not { } path) return;
            ElfLibrary library;
            try
            {
                library = ElfLibrary.Read(path);
            }
            catch (BadInputException) when (System.IO.Path.GetDirectoryName(path) != Path)
            {
                // One of NVIDIA's that cannot be looked into is the system loader's to find or to refuse.
                return;
            }
            foreach (string needed in library.Needed) Visit(needed);
            order.Add(library);
        }
    }

    /// <summary>
    /// Refuses libraries that lack something, before the first of them is loaded. Throws <see cref="BadInputException"/> naming what is missing.
    /// </summary>
    /// <param name="wanted">Names of functions or other symbols.</param>
    /// <param name="who">What asks for them, for the message.</param>
    public static void RequireSymbols(IReadOnlyList<ElfLibrary> libraries, IEnumerable<string> wanted, string who)
    {
        var missing = wanted.ToHashSet(StringComparer.Ordinal);
        int all = missing.Count;
        foreach (ElfLibrary library in libraries) missing.ExceptWith(library.Exported());
        if (missing.Count == 0) return;
        string first = missing.Order(StringComparer.Ordinal).First();
        string folder = libraries.Select(l => System.IO.Path.GetDirectoryName(l.Path)).LastOrDefault() ?? "";
        throw new BadInputException($"the libtorch in {folder} does not fit: {who} needs {all} symbols and {missing.Count} of them are not there, the first {first}; use libtorch 2.10 or a version that has it");
    }
}
