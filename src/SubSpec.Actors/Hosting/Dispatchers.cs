namespace SubSpec.Actors.Hosting;

/// <summary>The threads of the engine's actors. Everything else runs on the default dispatcher.</summary>
internal static class Dispatchers
{
    /// <summary>The one compute thread, shared by draft and verify: it is their mutual exclusion, a message at a time.</summary>
    public const string Compute = "subspec.compute-dispatcher";

    /// <summary>A thread of its own for the weight stream.</summary>
    public const string Stream = "subspec.stream-dispatcher";

    /// <summary>Throughput 1: a queued cancellation or draft step waits for one layer, not for a batch of messages.</summary>
    public const string Hocon = """
        subspec {
          compute-dispatcher {
            type = ForkJoinDispatcher
            throughput = 1
            dedicated-thread-pool {
              thread-count = 1
              threadtype = background
            }
          }
          stream-dispatcher {
            type = PinnedDispatcher
          }
        }
        akka {
          stdout-loglevel = OFF
          loglevel = WARNING
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          # Signals belong to whoever runs the actors: else Ctrl-C would end them under an answer that may still end.
          coordinated-shutdown.run-by-clr-shutdown-hook = off
        }
        """;
}
