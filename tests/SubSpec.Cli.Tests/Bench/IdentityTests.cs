using SubSpec.Cli.Bench;
using SubSpec.Cli.Commands;
using SubSpec.Cli.Options;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Trees;

namespace SubSpec.Cli.Tests.Bench;

public sealed class IdentityTests
{
    [Fact]
    public void A_common_beginning_is_identical()
    {
        var identity = Identity.Of([Sample("autoregressive", FinishReason.Length, 1, 2), Sample("subspec", FinishReason.Length, 1, 2, 3)]);
        Assert.Equal(new Identity(true, 2, null), identity);
    }

    [Fact]
    public void The_first_difference_is_named()
    {
        var identity = Identity.Of([Sample("autoregressive", FinishReason.Length, 1, 2), Sample("subspec", FinishReason.Length, 1, 9, 3)]);
        Assert.False(identity.Identical);
        Assert.Equal("prompt 8, token 2: autoregressive prefetch x1 and subspec prefetch x1 differ", identity.Difference);
    }

    [Fact]
    public void An_answer_that_ended_where_another_went_on_differs()
    {
        var identity = Identity.Of([Sample("autoregressive", FinishReason.Stop, 1, 2), Sample("subspec", FinishReason.Length, 1, 2, 3)]);
        Assert.False(identity.Identical);
    }

    [Fact]
    public void One_way_to_decode_checks_only_itself()
    {
        Assert.Null(Identity.Of([Sample("subspec", FinishReason.Length, 1)]).Identical);
        Assert.Null(Identity.Of([Sample("subspec", FinishReason.Length, 1), Sample("subspec", FinishReason.Length, 1)]).Identical);
        Assert.False(Identity.Of([Sample("subspec", FinishReason.Length, 1), Sample("subspec", FinishReason.Length, 2)]).Identical);
    }

    private static BenchSample Sample(string method, FinishReason reason, params int[] tokens) => new(
        new BenchStep(1, new BenchCase(new Decoding(method, "prefetch", DraftShape.None), 1), [7]),
        new Measurement([new GenerationResult([.. tokens], "", reason, 1, 0, [], 0, GenerationTimes.Zero)], 1, EngineTotals.Zero, EngineTotals.Zero));
}
