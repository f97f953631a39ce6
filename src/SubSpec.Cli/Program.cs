using SubSpec.Cli;
using SubSpec.Server;

return await App.RunAsync(args, ConsoleEnvironment.Create(new InferenceHostFactory()));
