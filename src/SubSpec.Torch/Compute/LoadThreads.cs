using System.Runtime.ExceptionServices;

namespace SubSpec.Torch.Compute;

/// <summary>Work that waits for the disk and for the processor in turn, on threads of its own: more of them than processors keep both busy.</summary>
internal static class LoadThreads
{
    /// <summary>As many requests in flight as bring the disk to its rate.</summary>
    private const int Most = 4;

    /// <summary>Does items 0 to <paramref name="count"/> - 1, begun in order, and returns when they are done. After an exception no more is begun; the first is rethrown.</summary>
    public static void Run(int count, Action<int> work)
    {
        int next = -1;
        ExceptionDispatchInfo? error = null;
        var threads = new Thread[Math.Min(Most, count)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work) { IsBackground = true, Name = $"subspec-load-{i}" };
            threads[i].Start();
        }
        foreach (Thread thread in threads) thread.Join();
        error?.Throw();

        void Work()
        {
            try
            {
                for (int item = Interlocked.Increment(ref next); item < count && Volatile.Read(ref error) is null; item = Interlocked.Increment(ref next)) work(item);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref error, ExceptionDispatchInfo.Capture(e), null);
            }
        }
    }
}
