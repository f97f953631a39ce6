using SubSpec.Core.Engine;

namespace SubSpec.Core.Tests.Engine;

public class TokenLogTests
{
    [Fact]
    public void What_was_read_of_it_once_stays_as_it_was()
    {
        int[] prompt = [4, 5];
        var log = new TokenLog(prompt);
        prompt[0] = 9;
        var earlier = new List<ReadOnlyMemory<int>>();
        for (int token = 0; token < 100; token++)
        {
            earlier.Add(log.Snapshot);
            log.Add(token);
        }
        Assert.Equal([4, 5, .. Enumerable.Range(0, 100)], log);
        Assert.Equal(102, log.Count);
        for (int i = 0; i < earlier.Count; i++) Assert.Equal(log.Take(2 + i), earlier[i].ToArray());
    }
}
