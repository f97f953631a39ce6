using System.Runtime.InteropServices;
using SubSpec.Core;
using SubSpec.Soak;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(SoakOptions.Usage);
    return 0;
}

using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    SoakOptions options = SoakOptions.Parse(args);
    SoakResult result = await SoakRun.RunAsync(options, stop.Token);
    Console.WriteLine(SoakReport.Table(result));
    if (options.Json is { } file) await File.WriteAllTextAsync(file, SoakReport.Json(result));
    else Console.WriteLine(SoakReport.Json(result));
    return stop.IsCancellationRequested ? 130 : result.Passed ? 0 : 1;
}
catch (BadInputException e)
{
    Console.Error.WriteLine($"soak: {e.Message}");
    return 2;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
