using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using SubSpec.Core;
using SubSpec.Core.Schedules;

namespace SubSpec.Server;

/// <summary>Schedules from an assembly of the user's own.</summary>
public static class ScheduleAssembly
{
    /// <summary>
    /// Adds every schedule of the assembly, its public classes that implement <see cref="IScheduleFactory"/>, to the catalog.
    /// Throws <see cref="BadInputException"/> where there is none, or one that cannot be used.
    /// </summary>
    public static ScheduleCatalog AddTo(ScheduleCatalog catalog, string file)
    {
        ImmutableArray<IScheduleFactory> factories = Load(file);
        if (factories.IsEmpty)
            throw new BadInputException($"{file} has no schedule: it needs a public class with a parameterless constructor that implements {nameof(IScheduleFactory)}");
        if (factories.GroupBy(f => f.Name).FirstOrDefault(g => g.Count() > 1) is { } same)
            throw new BadInputException($"{file}: {string.Join(" and ", same.Select(f => f.GetType().Name))} are both named '{same.Key}': rename one of them");
        try
        {
            return factories.Aggregate(catalog, (all, factory) => all.Add(factory));
        }
        catch (BadInputException e)
        {
            throw new BadInputException($"{file}: {e.Message}", e);
        }
    }

    private static ImmutableArray<IScheduleFactory> Load(string file)
    {
        string path = Path.GetFullPath(file);
        if (!File.Exists(path)) throw new BadInputException($"{file} does not exist: give the file of an assembly (.dll)");
        try
        {
            return [.. new Context(path).LoadFromAssemblyPath(path).GetExportedTypes().Where(IsFactory).Select(t => (IScheduleFactory)Activator.CreateInstance(t)!)];
        }
        catch (BadImageFormatException e)
        {
            throw new BadInputException($"{file} is not a .NET assembly: give the .dll that your project builds", e);
        }
        catch (TargetInvocationException e)
        {
            throw new BadInputException($"{file}: a schedule cannot be made: {(e.InnerException ?? e).Message}", e);
        }
        catch (Exception e) when (e is IOException or TypeLoadException)
        {
            throw new BadInputException($"{file} cannot be loaded ({e.Message}): build it against this version of SubSpec.Core", e);
        }
    }

    private static bool IsFactory(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && type.IsAssignableTo(typeof(IScheduleFactory)) && type.GetConstructor([]) is not null;

    /// <summary>Finds what the assembly brings along beside it. What the program has itself, above all Core, stays the program's: else its types would be others.</summary>
    private sealed class Context(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
    {
        private readonly AssemblyDependencyResolver _beside = new(path);

        protected override Assembly? Load(AssemblyName name)
        {
            if (Default.Assemblies.Any(a => a.GetName().Name == name.Name)) return null;
            return _beside.ResolveAssemblyToPath(name) is { } found ? LoadFromAssemblyPath(found) : null;
        }
    }
}
