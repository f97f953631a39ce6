using Akka.Configuration;
using Akka.TestKit.Xunit2;
using SubSpec.Actors.Hosting;

namespace SubSpec.Actors.Tests.Fakes;

/// <summary>A test with actors. Its waits end when what they wait for happens; their limits only catch what never happens.</summary>
public abstract class ActorTest() : TestKit(ConfigurationFactory.ParseString(Waits).WithFallback(ConfigurationFactory.ParseString(Dispatchers.Hocon)))
{
    private const string Waits = """
        akka.test {
          single-expect-default = 60s
          default-timeout = 60s
          filter-leeway = 60s
        }
        """;

    private protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    private protected static CancellationToken Limit => new CancellationTokenSource(Patience).Token;
}
