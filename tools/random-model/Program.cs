using System.Runtime.InteropServices;
using SubSpec.Core;
using SubSpec.RandomModel;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(RandomModelOptions.Usage);
    return 0;
}

using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
bool terminal = !Console.IsErrorRedirected;
try
{
    var writer = new RandomModelWriter(RandomModelOptions.Parse(args));
    writer.Run(done => Progress(done, writer.Bytes), stop.Token);
    EndProgress();
    Console.WriteLine($"{writer.Parameters / 1e6:f1} M parameters, {writer.Bytes / 1e9:f2} GB{(writer.HasTokenizer ? "" : ", without a tokenizer")}");
    return 0;
}
catch (OperationCanceledException)
{
    EndProgress();
    return 130;
}
catch (BadInputException e)
{
    EndProgress();
    Console.Error.WriteLine($"random-model: {e.Message}");
    return 2;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    EndProgress();
    Console.Error.WriteLine($"random-model: {e.Message}");
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

void Progress(long done, long all)
{
    if (terminal) Console.Error.Write($"\r{done / 1e9:f2} of {all / 1e9:f2} GB");
}

void EndProgress()
{
    if (terminal) Console.Error.Write("\r\e[K");
}
