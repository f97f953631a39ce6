using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Tests.Ops;

public unsafe class EmbeddingTests
{
    [Theory]
    [InlineData(WeightType.BFloat16)]
    [InlineData(WeightType.Float16)]
    [InlineData(WeightType.Float32)]
    public void Rows_are_gathered_and_widened_exactly(WeightType type)
    {
        const int vocabulary = 11, columns = 21;
        int[] tokens = [10, 0, 3, 3];
        using NativeBuffer table = RandomMemory.Weights(new Random(1), type, vocabulary * columns), y = new(4096);
        Embedding.Gather(new WeightMatrix((nint)table.Pointer, type, vocabulary, columns), tokens, y.Floats);
        for (int i = 0; i < tokens.Length * columns; i++)
            Assert.Equal(RandomMemory.Value(table.Pointer, type, tokens[i / columns] * columns + i % columns), y.Floats[i]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(11)]
    public void A_token_outside_the_vocabulary_is_refused(int token)
    {
        using NativeBuffer table = new(4096), y = new(4096);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Embedding.Gather(new WeightMatrix((nint)table.Pointer, WeightType.BFloat16, 11, 8), [token], y.Floats));
    }
}
