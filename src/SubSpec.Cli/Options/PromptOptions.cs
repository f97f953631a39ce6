using System.CommandLine;
using System.Text;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Text;

namespace SubSpec.Cli.Options;

/// <summary>Where the prompt comes from.</summary>
internal sealed class PromptOptions
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Option<string?> _prompt = Typed.Text("--prompt", "TEXT", "text to continue; - reads standard input");
    private readonly Option<string?> _file = Typed.Text("--prompt-file", "FILE", "file with the text to continue (UTF-8)");
    private readonly Option<bool> _chat = Typed.Flag("--chat", "put the prompt through the model's chat template, as a user's message");
    private readonly Argument<string?> _dash = new("-")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "read the prompt from standard input",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (text != "-") result.AddError(Unexpected(text));
            return text;
        },
    };

    public OptionGroup Group => new("Prompt", [_prompt, _file, _chat]);

    public Argument Dash => _dash;

    public bool IsChat(ParseResult parsed) => parsed.GetValue(_chat);

    /// <returns>The prompt as it is, or null when none was given.</returns>
    /// <exception cref="BadInputException">More than one was given, it is empty, or its file cannot be read.</exception>
    public string? Read(ParseResult parsed, CliEnvironment environment)
    {
        string? text = parsed.GetValue(_prompt), file = parsed.GetValue(_file), dash = parsed.GetValue(_dash);
        if (new[] { text, file, dash }.Count(source => source is not null) > 1)
            throw new BadInputException("more than one prompt: give one of --prompt, --prompt-file and -");
        if (text is null && file is null && dash is null) return null;

        string prompt = file is not null ? ReadFile(file) : text is null or "-" ? environment.In.ReadToEnd() : text;
        return prompt.Length > 0 ? prompt : throw new BadInputException($"the prompt{(file is null ? "" : $" in {file}")} is empty: give at least one character");
    }

    /// <summary>The prompt as a request carries it.</summary>
    public Prompt Wrap(ParseResult parsed, string text) => IsChat(parsed) ? new Prompt.Chat([new ChatMessage("user", text)]) : new Prompt.Text(text);

    public static string Unexpected(string text) => text.StartsWith('-')
        ? $"unknown option '{text}'"
        : $"unexpected argument '{text}': put a prompt after --prompt, in quotes";

    /// <exception cref="BadInputException">The file cannot be read or is not UTF-8.</exception>
    public static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file, Utf8);
        }
        catch (DecoderFallbackException e)
        {
            throw new BadInputException($"{file} is not UTF-8 text: convert it first", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"cannot read {file} ({OneLine.Of(e.Message)}): give a text file that exists and may be read", e);
        }
    }
}
