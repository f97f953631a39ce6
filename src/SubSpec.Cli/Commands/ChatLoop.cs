using System.Collections.Immutable;
using System.Text;
using SubSpec.Actors.Client;
using SubSpec.Cli.Options;
using SubSpec.Cli.Output;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Text;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary>Reads lines, answers them and remembers both, until the input ends.</summary>
/// <param name="seed">The seed of every answer; null for a new one each.</param>
internal sealed class ChatLoop(IInferenceHost host, Decoding decoding, GenerationRequest request, ulong? seed, CliEnvironment environment)
{
    private const string Help = "/reset forgets the conversation, /stats explains the last answer, /exit leaves; Ctrl-C stops an answer";

    private ImmutableArray<ChatMessage> _conversation = [];
    private RunReport? _last;

    public async Task RunAsync()
    {
        if (environment.InIsTerminal) environment.Error.WriteLine($"{host.Info.Model} is listening. {Help}.");
        while (Ask() is { } line)
        {
            switch (line.Trim())
            {
                case "":
                    break;
                case "/exit":
                    return;
                case "/reset":
                    _conversation = [];
                    environment.Error.WriteLine("forgotten");
                    break;
                case "/stats":
                    WriteStatistics();
                    break;
                case ['/', ..] command:
                    environment.Error.WriteLine($"unknown command {command}: {Help}");
                    break;
                default:
                    await AnswerAsync(line);
                    break;
            }
        }
    }

    private string? Ask()
    {
        if (environment.InIsTerminal) environment.Error.Write("> ");
        environment.Error.Flush();
        return environment.In.ReadLine();
    }

    private void WriteStatistics()
    {
        if (_last is null) environment.Error.WriteLine("no finished answer yet");
        else RunSummary.Write(environment.Error, _last);
    }

    private async Task AnswerAsync(string message)
    {
        ImmutableArray<ChatMessage> asked = _conversation.Add(new ChatMessage("user", message));
        GenerationRequest next = request with
        {
            Prompt = new Prompt.Chat(asked),
            Sampling = request.Sampling with { Seed = seed ?? environment.NewSeed() },
        };
        var answer = new StringBuilder();
        CancellationToken cancel = environment.Interrupts.Rearm();
        try
        {
            Measurement measured = await Measurement.TakeAsync(host, [next], places: 1, (_, delta) => Show(delta.Text, answer), cancel);
            _last = new RunReport(measured, decoding, host.Info, FirstTokenSeconds: null, host.PeakFastTierBytes, environment.PeakRss());
            environment.Out.WriteLine();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            environment.Out.WriteLine();
            environment.Out.Flush();
            environment.Error.WriteLine("(stopped)");
        }
        catch (BadInputException e)
        {
            environment.Error.WriteLine($"{OneLine.Of(e.Message)}; /reset starts anew");
            return;
        }
        catch (EngineFailedException e)
        {
            // The engine is built anew for the next message.
            environment.Error.WriteLine(OneLine.Of(e.Message));
            return;
        }
        finally
        {
            environment.Out.Flush();
        }
        _conversation = asked.Add(new ChatMessage("assistant", answer.ToString()));
    }

    private void Show(string text, StringBuilder answer)
    {
        answer.Append(text);
        environment.Out.Write(text);
        environment.Out.Flush();
    }
}
