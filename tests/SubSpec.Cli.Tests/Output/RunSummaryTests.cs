using SubSpec.Cli.Tests.Support;
using SubSpec.Core.Planning;

namespace SubSpec.Cli.Tests.Output;

public sealed class RunSummaryTests
{
    [Fact]
    public async Task A_summary_reads_like_this()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("run", "--prompt", "abc", "--max-tokens", "9");

        const string Expected = """

            128 tokens/s: 9 tokens in 63 ms after a prompt of 3 in 16 ms  [demo, subspec, adaptive]
            drafts     tau 3.0 accepted tokens a round over 2 rounds, best 3, agreement 75.0 %
            streaming  1 of 3 layers offloaded: 2.93KiB streamed at 62.5KiB/s, 250B a decoded token, link busy 50 %
            time       draft 50 %, verify 25 %, waiting for weights 13 %, other 13 %
            limit      75 % of the 171 tokens/s that link and compute allow; plain offloading cannot exceed 64.0 tokens/s here: at least 2.00x
            memory     fast tier 120.56KiB of 9.77KiB, process 638.99KiB, substitutes int4 (1 built, error 8.1 %)
            loading    1.5 s: opening 125 ms, weights 250 ms, substitutes 500 ms, engine 375 ms, probe 250 ms; first token 2.0 s after the start
            seed 77, finished by length

            """;
        Assert.Equal(Expected, cli.Error);
    }

    [Fact]
    public async Task What_is_not_as_it_should_be_is_said()
    {
        using var cli = new CliHarness();
        cli.Hosts.Info = cli.Hosts.Info with { DirectIo = false, Deterministic = false, Label = "enlarged 4x" };
        await cli.RunAsync("run", "--max-tokens", "9");
        Assert.Contains("[demo (enlarged 4x), subspec", cli.Error, StringComparison.Ordinal);
        Assert.Contains("no direct I/O", cli.Error, StringComparison.Ordinal);
        Assert.Contains("not deterministic", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_decoding_has_no_drafts_and_no_claims()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("run", "--method", "autoregressive", "--max-tokens", "9");
        Assert.DoesNotContain("tau", cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot exceed", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resident_model_streams_nothing()
    {
        using var cli = new CliHarness();
        cli.Hosts.Info = cli.Hosts.Info with { Plan = cli.Hosts.Info.Plan with { Layers = [LayerPlacement.Resident], StreamedBytes = 0 } };
        await cli.RunAsync("run", "--max-tokens", "9");
        Assert.Contains("nothing: all 1 layers are resident", cli.Error, StringComparison.Ordinal);
    }
}
