using System.Runtime.InteropServices;
using SubSpec.Core;
using SubSpec.Torch.Native.Elf;

namespace SubSpec.Torch.Native;

/// <summary>The libraries of a libtorch, checked and loaded. They stay loaded until the process ends: libtorch cannot be unloaded.</summary>
internal sealed unsafe partial class TorchLibraries
{
    private const int Lazy = 1;
    private const int Global = 0x100;

    private readonly List<nint> _handles;

    private TorchLibraries(TorchFolder folder, List<nint> handles) => (Folder, _handles) = (folder, handles);

    public TorchFolder Folder { get; }

    /// <summary>
    /// The libtorch that <see cref="TorchFolder.Variable"/> names, else the one beside the program. Throws <see cref="BadInputException"/> where there is none.
    /// </summary>
    public static TorchFolder Locate()
    {
        if (Environment.GetEnvironmentVariable(TorchFolder.Variable) is { Length: > 0 } named) return TorchFolder.Open(named);
        string[] own = [Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"), AppContext.BaseDirectory];
        return own.Any(o => File.Exists(Path.Combine(o, "libtorch_cpu.so")))
            ? TorchFolder.Open(own.First(o => File.Exists(Path.Combine(o, "libtorch_cpu.so"))))
            : throw new BadInputException($"no libtorch comes with this program: set {TorchFolder.Variable} to {TorchFolder.Hint}");
    }

    /// <summary>Checks that all functions are there, then loads. Throws <see cref="BadInputException"/> with one line where that does not work.</summary>
    /// <param name="functions">The C functions that will be asked for.</param>
    public static TorchLibraries Load(TorchFolder folder, bool cuda, IReadOnlyCollection<string> functions)
    {
        if (!OperatingSystem.IsLinux()) throw new BadInputException("libtorch is used on Linux only");
        IReadOnlyList<ElfLibrary> libraries = folder.InLoadOrder(cuda);
        TorchFolder.RequireSymbols(libraries, functions, "this program");
        // Workers of an idle libgomp would spin beside our own threads. Only a value that is not there yet, and only before it loads.
        Prefer("OMP_WAIT_POLICY", "PASSIVE");
        var handles = new List<nint>();
        foreach (ElfLibrary library in libraries)
        {
            nint handle = Open(library.Path, Lazy | Global);
            if (handle == 0) throw new BadInputException($"{library.Path} cannot be loaded: {Marshal.PtrToStringUTF8(LastError())?.Split('\n')[0]}");
            handles.Add(handle);
        }
        return new TorchLibraries(folder, handles);
    }

    /// <summary>The address of a function. Throws <see cref="EntryPointNotFoundException"/> where no library has it.</summary>
    public nint Function(string name) => TryFunction(name) is not 0 and nint address ? address : throw new EntryPointNotFoundException($"{Folder.Path} has no function {name}");

    /// <summary>The address of a function; 0 where no library has it.</summary>
    public nint TryFunction(string name)
    {
        foreach (nint handle in _handles)
            if (Symbol(handle, name) is not 0 and nint address) return address;
        return 0;
    }

    /// <summary>Sets a variable that native libraries read when they are loaded, unless the user has set it.</summary>
    public static void Prefer(string variable, string value) => _ = SetVariable(variable, value, 0);

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int mode);

    [LibraryImport("libc", EntryPoint = "dlsym", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Symbol(nint library, string name);

    [LibraryImport("libc", EntryPoint = "dlerror")]
    private static partial nint LastError();

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
