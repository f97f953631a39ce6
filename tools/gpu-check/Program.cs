using SubSpec.Core;
using SubSpec.GpuCheck;

try
{
    // The programs that it measures are part of it: gpu-check subspec run ..., gpu-check grow-model ..., gpu-check grown-bench ...
    if (args.Length > 0 && Bundled.Programs.Contains(args[0])) return Bundled.Enter(args[0], args[1..]);
    if (args is ["--help"])
    {
        Console.WriteLine(CheckOptions.Usage);
        return 0;
    }
    var options = CheckOptions.Parse(args);
    var report = new CheckReport();
    new CheckRun(options, report, Console.Error).Run();
    Console.Write(report.ToTable());
    File.WriteAllText(options.JsonFile, report.ToJson());
    Console.WriteLine($"written: {options.JsonFile}");
    return report.HasFailed ? 1 : 0;
}
catch (BadInputException e)
{
    Console.Error.WriteLine($"gpu-check: {e.Message}");
    return 2;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"gpu-check: {e.Message}");
    return 1;
}
