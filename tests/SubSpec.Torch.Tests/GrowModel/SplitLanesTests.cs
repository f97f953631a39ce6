using System.Runtime.Intrinsics;
using SubSpec.GrowModel;

namespace SubSpec.Torch.Tests.GrowModel;

public class SplitLanesTests
{
    [Theory]
    [InlineData(1, 0.02f)]
    [InlineData(2, 0.02f)]
    [InlineData(7, 0.5f)]
    [InlineData(20, 0.02f)]
    [InlineData(36, 1f)]
    [InlineData(64, 0.02f)]
    [InlineData(8, 0f)]
    public void Eight_inputs_at_once_have_the_bits_of_each_alone(int copies, float deviation)
    {
        var random = new Random(copies);
        float[] values = new float[SplitLanes.Count], alone = new float[copies];
        var lanes = new Vector256<float>[copies];
        for (int group = 0; group < 200; group++)
        {
            for (int i = 0; i < values.Length; i++) values[i] = group % 3 == 0 ? 0 : BFloat16.Round((float)(random.NextDouble() - 0.5));
            var row = new NoiseSource(group, 5, 6);
            SplitLanes.Split(Vector256.Create(values), deviation, new NoiseLanes(row, (long)group * 8 * copies, copies), lanes);

            row.Skip((long)group * 8 * copies);
            for (int i = 0; i < values.Length; i++)
            {
                ZeroSumSplit.Split(values[i], deviation, ref row, alone);
                for (int c = 0; c < copies; c++)
                {
                    Assert.Equal(BitConverter.SingleToUInt32Bits(alone[c]), BitConverter.SingleToUInt32Bits(lanes[c][i]));
                    Assert.Equal(BFloat16.Bits(alone[c]), SplitLanes.Bits(lanes[c])[i]);
                }
            }
        }
    }
}
