namespace SubSpec.Cli.Output;

/// <summary>One line on a terminal that is written over and over. Elsewhere it writes nothing. Safe to call from several threads.</summary>
internal sealed class StatusLine(TextWriter writer, bool isTerminal, int width)
{
    private readonly Lock _lock = new();
    private string _shown = "";

    public void Show(string text)
    {
        if (!isTerminal) return;
        lock (_lock)
        {
            if (text.Length >= width) text = text[..Math.Max(0, width - 1)];
            if (text == _shown) return;
            writer.Write("\r" + text.PadRight(_shown.Length));
            writer.Flush();
            _shown = text;
        }
    }

    public void Clear()
    {
        if (!isTerminal) return;
        lock (_lock)
        {
            if (_shown.Length == 0) return;
            writer.Write("\r" + new string(' ', _shown.Length) + "\r");
            writer.Flush();
            _shown = "";
        }
    }
}
