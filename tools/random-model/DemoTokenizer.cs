namespace SubSpec.RandomModel;

/// <summary>The demo model's tokenizer, which stands beside the program.</summary>
internal static class DemoTokenizer
{
    /// <summary>Size of its vocabulary: a model with fewer tokens cannot use it.</summary>
    public const int Tokens = 4096;

    public const int BeginToken = 4093;

    public const int EndToken = 4095;

    public static void CopyTo(string folder)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "demo-tokenizer")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }
}
