using SubSpec.Cli.Tests.Support;

namespace SubSpec.Cli.Tests.Output;

public sealed class RunJsonTests
{
    [Fact]
    public async Task The_object_has_these_names_and_values()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("run", "--json", "--prompt", "abc", "--max-tokens", "9", "--seed", "5");

        const string Expected = """
            {"text":"w21 w34 w47 w60 w73 w86 w99 w12 w25 ","token_ids":[21,34,47,60,73,86,99,12,25],"prompt_tokens":3,"completion_tokens":9,
            "finish_reason":"length","method":"subspec","schedule":"adaptive","seed":5,"stats":{"tokens_per_second":128,"decode_seconds":0.0625,
            "prefill_seconds":0.015625,"load_seconds":1.5,"loading":{"opening_seconds":0.125,"weights_seconds":0.25,"substitutes_seconds":0.5,
            "engine_seconds":0.375,"probe_seconds":0.25,"total_seconds":1.5},"first_token_seconds":2,"rounds":2,"tau":3,"agreement":0.75,"acceptance_histogram":[0,0,0,2],"bytes_streamed":3000,"bytes_read":3000,
            "layers_offloaded":1,"layers_resident":2,"stream_seconds":0.046875,"verify_seconds":0.01953125,"draft_seconds":0.03125,"stall_seconds":0.009765625,
            "overlap_ratio":0.5,"ahead_hits":0,"ahead_misses":0,"ahead_wasted_nodes":0,"link_utilization":0.5,"limit_share":0.75,"budget_bytes":10000,"peak_fast_tier_bytes":123456,"peak_rss_bytes":654321,
            "direct_io":true,"deterministic":true}}
            """;
        Assert.Equal(Expected.ReplaceLineEndings(""), cli.Out.TrimEnd('\n'));
    }

    [Fact]
    public async Task One_token_has_no_rate()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("run", "--json", "--max-tokens", "1", "--method", "autoregressive", "--schedule", "sequential");
        Assert.Contains("\"method\":\"autoregressive\",\"schedule\":\"sequential\",\"seed\":77,\"stats\":{\"tokens_per_second\":0,", cli.Out, StringComparison.Ordinal);
        Assert.Contains("\"tau\":0,", cli.Out, StringComparison.Ordinal);
    }
}
