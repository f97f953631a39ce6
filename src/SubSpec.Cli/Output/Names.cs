using SubSpec.Core.Generation;
using SubSpec.Core.Planning;
using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>Words of JSON and tables for the values of enumerations.</summary>
internal static class Names
{
    public static string Of(FinishReason reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        _ => "cancelled",
    };

    public static string Of(LayerPlacement placement) => placement switch
    {
        LayerPlacement.Offloaded => "offloaded",
        LayerPlacement.Resident => "resident",
        _ => "resident_with_substitute",
    };

    public static string Of(DoctorVerdict verdict) => verdict switch
    {
        DoctorVerdict.Good => "good",
        DoctorVerdict.Slow => "slow",
        _ => "bad",
    };
}
