using System.Collections.Concurrent;
using SubSpec.Torch.Compute;

namespace SubSpec.Torch.Tests.Compute;

public sealed class LoadThreadsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Every_item_is_done_once(int count)
    {
        var done = new ConcurrentBag<int>();
        LoadThreads.Run(count, done.Add);
        Assert.Equal(Enumerable.Range(0, count), done.Order());
    }

    [Fact]
    public void Several_items_are_under_way_at_once()
    {
        // Neither ends before both have begun.
        using var both = new Barrier(2);
        LoadThreads.Run(2, _ => Assert.True(both.SignalAndWait(TimeSpan.FromMinutes(1))));
    }

    [Fact]
    public void After_an_exception_no_more_is_begun_and_it_is_thrown_to_the_caller()
    {
        // So many would take minutes.
        const int Count = int.MaxValue;
        int begun = 0;
        var error = Assert.Throws<IOException>(() => LoadThreads.Run(Count, item =>
        {
            Interlocked.Increment(ref begun);
            if (item == 5) throw new IOException("injected");
        }));
        Assert.Equal("injected", error.Message);
        Assert.InRange(begun, 1, Count - 1);
    }

    [Fact]
    public void It_returns_only_when_all_that_began_has_ended()
    {
        using var began = new ManualResetEventSlim();
        bool ended = false;
        Assert.Throws<IOException>(() => LoadThreads.Run(2, item =>
        {
            if (item == 0)
            {
                Assert.True(began.Wait(TimeSpan.FromMinutes(1)));
                throw new IOException("injected");
            }
            began.Set();
            for (int i = 0; i < 1000; i++) Thread.Yield();
            Volatile.Write(ref ended, true);
        }));
        Assert.True(Volatile.Read(ref ended));
    }
}
