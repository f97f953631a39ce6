using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SubSpec.Core.Planning;
using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>What <c>plan --json</c> prints.</summary>
internal sealed record PlanObject(
    string Model,
    string? Label,
    long BudgetBytes,
    bool BudgetIsDefault,
    long TotalBytes,
    long HeadroomBytes,
    long SmallestBytes,
    long ProcessBytes,
    int LayersOffloaded,
    int LayersResident,
    ImmutableArray<string> Layers,
    int RingSlots,
    long StreamedBytes,
    double StreamSeconds,
    double RoundSeconds,
    double OffloadedRoundSeconds,
    ImmutableArray<PlanPart> Parts);

/// <summary>What <c>inspect --json</c> prints.</summary>
internal sealed record InspectObject(string Model, ModelDescription Checkpoint);

/// <summary>What <c>doctor --json</c> prints.</summary>
internal sealed record DoctorObject(string Verdict, ImmutableArray<CheckObject> Checks);

/// <summary>One check of <see cref="DoctorObject"/>.</summary>
internal sealed record CheckObject(string Key, string Name, string Value, string Verdict, string? Advice);

/// <summary>Reports that need no loaded model, as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PlanObject))]
[JsonSerializable(typeof(InspectObject))]
[JsonSerializable(typeof(DoctorObject))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    private static ReportJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Write(string model, PlanReport report)
    {
        MemoryPlan plan = report.Plan;
        var all = new PlanObject(
            model,
            report.Model.Label,
            plan.BudgetBytes,
            report.BudgetIsDefault,
            plan.TotalBytes,
            plan.HeadroomBytes,
            plan.SmallestBytes,
            report.ProcessBytes,
            plan.Offloaded,
            plan.Resident,
            [.. plan.Layers.Select(Names.Of)],
            plan.RingSlots,
            plan.StreamedBytes,
            plan.StreamSeconds,
            plan.RoundSeconds,
            plan.OffloadedRoundSeconds,
            plan.Parts);
        return JsonSerializer.Serialize(all, Readable.PlanObject);
    }

    public static string Write(string model, ModelDescription checkpoint) => JsonSerializer.Serialize(new InspectObject(model, checkpoint), Readable.InspectObject);

    public static string Write(DoctorReport report)
    {
        DoctorVerdict worst = report.Checks.Select(c => c.Verdict).DefaultIfEmpty(DoctorVerdict.Good).Max();
        ImmutableArray<CheckObject> checks = [.. report.Checks.Select(c => new CheckObject(c.Key, c.Name, c.Value, Names.Of(c.Verdict), c.Advice))];
        return JsonSerializer.Serialize(new DoctorObject(Names.Of(worst), checks), Readable.DoctorObject);
    }
}
