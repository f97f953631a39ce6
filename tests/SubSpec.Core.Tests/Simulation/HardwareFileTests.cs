using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using SubSpec.Core.Planning;
using SubSpec.Core.Simulation;

namespace SubSpec.Core.Tests.Simulation;

public class HardwareFileTests
{
    private static readonly HardwareProfile _profile = new("some", 1e9, 2e9, 3e9, 4e12, 5e12, 0.001, 0.002, 0, SharesCompute: true);

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder(), "*.json").Select(f => Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_file_that_comes_with_the_program_loads(string file)
    {
        HardwareProfile profile = HardwareFile.Parse(File.ReadAllText(Path.Combine(Folder(), file)), file);
        Assert.True(profile.LinkBandwidth < profile.FastMemoryBandwidth, "a link faster than the fast memory needs no offloading");
        Assert.True(profile.PlanningCosts(64, 32).RoundSeconds(1 << 30, 1 << 30, 0, 1 << 28) > 0);
    }

    [Fact]
    public void The_machines_of_the_issue_are_there() =>
        Assert.Equal(["h200-pcie5.json", "laptop-nvme.json", "rtx-3060-12gb.json", "rtx-4090-pcie4.json", "this-machine.json"], Directory.GetFiles(Folder(), "*.json").Select(Path.GetFileName).Order());

    [Fact]
    public void What_is_written_is_read_back() =>
        Assert.Equal(_profile, HardwareFile.Parse(HardwareFile.Write(_profile, key => $"measured {key}"), "x"));

    [Theory]
    [InlineData("link_bandwidth", "0", "give a number above 0")]
    [InlineData("link_bandwidth", "-1", "give a number above 0")]
    [InlineData("pass_overhead_seconds", "-1", "at least 0")]
    [InlineData("matmul_flops", "\"fast\"", "'matmul_flops' is missing or no number")]
    [InlineData("name", "3", "'name'")]
    [InlineData("shares_compute", "1", "'shares_compute'")]
    [InlineData("sources", "{}", "says nothing about 'link_bandwidth'")]
    [InlineData("sources", "[]", "'sources' is missing")]
    [InlineData("colour", "1", "unknown key 'colour'")]
    public void Bad_files_are_refused_in_one_line(string key, string value, string said)
    {
        JsonObject file = JsonNode.Parse(HardwareFile.Write(_profile, _ => "here"))!.AsObject();
        file[key] = JsonNode.Parse(value);

        string message = Assert.Throws<BadInputException>(() => HardwareFile.Parse(file.ToJsonString(), "my.json")).Message;
        Assert.StartsWith("my.json", message, StringComparison.Ordinal);
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Calibration_finds_what_the_measurements_were_made_of()
    {
        var model = new SimulatedModel([.. Enumerable.Repeat(LayerPlacement.Offloaded, 8)], 1.5e6, 0.5e6, 2e6, 3);
        HardwareProfile truth = _profile with { FastMemoryBandwidth = 20e9, MatmulFlops = 2e11, SubstituteFlops = 3e10, PassOverheadSeconds = 0.0005 };
        var costs = new SimulatedCosts(truth, model);
        MeasuredCosts Measure(int passRows, int stepRows) => new(
            10, 10 * passRows, 10 * (Enumerable.Range(0, 8).Sum(_ => costs.LayerSeconds(passRows)) + costs.FinishSeconds(passRows) - truth.PassOverheadSeconds / 2),
            20, 20 * stepRows, 20 * costs.DraftStepSeconds(stepRows), 10 * truth.PassOverheadSeconds);

        HardwareProfile found = HardwareCalibration.Fit(_profile with { FastMemoryBandwidth = 20e9 }, [Measure(2, 1), Measure(65, 2), Measure(200, 8)], model);

        Assert.Equal(truth.MatmulFlops, found.MatmulFlops, truth.MatmulFlops * 1e-6);
        Assert.Equal(truth.SubstituteFlops, found.SubstituteFlops, truth.SubstituteFlops * 1e-6);
        Assert.Equal(truth.VerifyLayerOverheadSeconds, found.VerifyLayerOverheadSeconds, 1e-9);
        Assert.Equal(truth.DraftLayerOverheadSeconds, found.DraftLayerOverheadSeconds, 1e-9);
        Assert.Equal(truth.PassOverheadSeconds, found.PassOverheadSeconds, 1e-9);
        Assert.Throws<BadInputException>(() => HardwareCalibration.Fit(_profile, [], model));
    }

    private static string Folder([CallerFilePath] string here = "")
    {
        DirectoryInfo? folder = new FileInfo(here).Directory;
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SubSpec.Actors.sln"))) folder = folder.Parent;
        return Path.Combine(folder!.FullName, "config", "hardware");
    }
}
