using System.Collections.Immutable;

namespace SubSpec.Core.Planning;

/// <summary>
/// Decides which layers are resident and which of these keep a substitute, so that the predicted round is shortest within the
/// budget. Resident layers are spread evenly over the model: while one is computed, the link catches up.
/// </summary>
public static class MemoryPlanner
{
    /// <summary>Slots that keep the link busy while a layer is consumed: one in use, one ready, one being filled.</summary>
    public const int DefaultRingSlots = 3;

    /// <summary>
    /// A low-bit head takes memory and may cost the draft some acceptance, so it has to save at least this share of a draft step. It
    /// does where the vocabulary is large: 6 % for Qwen2.5-7B, 1 % for a model of 1.2 B parameters and 4096 tokens.
    /// </summary>
    private const double WorthwhileShare = 0.05;

    /// <param name="budget">Bytes of the fast tier that may be used; null takes the smallest workable plan, with every layer offloaded.</param>
    /// <param name="ringSlots">Slots of the ring; null for the default.</param>
    /// <param name="drafts">False when only plain decoding is asked for: no substitutes are made.</param>
    /// <exception cref="BadInputException">The budget cannot hold the model even with every layer offloaded; names the smallest that can.</exception>
    public static MemoryPlan Plan(ModelFootprint model, long? budget, int? ringSlots, bool drafts, CostModel cost)
    {
        int slots = Math.Clamp(ringSlots ?? DefaultRingSlots, 1, model.Layers);
        long smallest = Smallest(model, slots, drafts);
        if (budget is null)
        {
            MemoryPlan offloaded = Describe(model, smallest, Place(model.Layers, 0, 0), draftHead: false, slots, drafts, cost, smallest);
            return offloaded with { BudgetBytes = offloaded.TotalBytes };
        }
        if (budget < smallest)
        {
            throw new BadInputException(
                $"a memory budget of {ByteSize.Format(budget.Value)} cannot hold this model even with every layer offloaded: give at least {ByteSize.Format(smallest, roundUp: true)}, or a shorter context");
        }
        return Candidates(model, slots, drafts)
            .SelectMany(placement => DraftHeads(model, drafts, cost).Select(head => Describe(model, budget.Value, placement, head, slots, drafts, cost, smallest)))
            .Where(plan => plan.TotalBytes <= budget)
            .MinBy(plan => (plan.RoundSeconds, plan.StreamedBytes, plan.TotalBytes))!;
    }

    private static IEnumerable<ImmutableArray<LayerPlacement>> Candidates(ModelFootprint model, int slots, bool drafts)
    {
        for (int resident = 0; resident <= model.Layers; resident++)
            for (int substituted = 0; substituted <= (drafts ? resident : 0); substituted++)
                yield return Place(model.Layers, resident, substituted);
    }

    // Which of the two is better beside how many resident layers, the predicted round decides.
    private static bool[] DraftHeads(ModelFootprint model, bool drafts, CostModel cost)
    {
        double full = model.HeadReadBytes / cost.FullBytesPerSecond, low = model.DraftHeadBytes / cost.SubstituteBytesPerSecond;
        return drafts && full - low >= WorthwhileShare * (full + model.SubstituteBytes.Sum() / cost.SubstituteBytesPerSecond) ? [false, true] : [false];
    }

    private static long Smallest(ModelFootprint model, int slots, bool drafts)
    {
        long offloaded = model.FixedBytes + slots * model.SlotBytes + (drafts ? model.SubstituteBytes.Sum() : 0);
        return Math.Min(offloaded, model.FixedBytes + model.ResidentBytes.Sum());
    }

    private static ImmutableArray<LayerPlacement> Place(int layers, int resident, int substituted)
    {
        var placement = new LayerPlacement[layers];
        for (int i = 0; i < resident; i++)
            placement[(int)((2L * i + 1) * layers / (2 * resident))] = i < substituted ? LayerPlacement.ResidentWithSubstitute : LayerPlacement.Resident;
        return [.. placement];
    }

    private static MemoryPlan Describe(
        ModelFootprint model, long budget, ImmutableArray<LayerPlacement> layers, bool draftHead, int slots, bool drafts, CostModel cost, long smallest)
    {
        long Sum(ImmutableArray<long> bytes, Func<LayerPlacement, bool> where) => bytes.Where((_, i) => where(layers[i])).Sum();

        long streamed = Sum(model.LayerBytes, l => l == LayerPlacement.Offloaded);
        long resident = Sum(model.LayerBytes, l => l != LayerPlacement.Offloaded);
        long substitutes = drafts ? Sum(model.SubstituteBytes, l => l != LayerPlacement.Resident) : 0;
        long draftHeadBytes = draftHead ? model.DraftHeadBytes : 0, headReadBytes = draftHead ? 0 : model.HeadReadBytes;
        long draftFull = Sum(model.LayerBytes, l => l == LayerPlacement.Resident) + headReadBytes;
        int ring = streamed == 0 ? 0 : Math.Min(slots, layers.Count(l => l == LayerPlacement.Offloaded));
        ImmutableArray<PlanPart> parts =
        [
            new("embedding", model.EmbeddingBytes),
            new("head", model.HeadBytes),
            new("norms and biases", model.VectorBytes),
            new("resident layers", Sum(model.ResidentBytes, l => l != LayerPlacement.Offloaded)),
            new("substitutes", substitutes),
            new("draft head", draftHeadBytes),
            new(PlanPart.Ring, ring * model.SlotBytes),
            new(PlanPart.KvCache, model.KvBytes),
            new(PlanPart.Activations, model.ActivationBytes),
        ];
        return new MemoryPlan(
            budget, layers, ring, parts, streamed, streamed / cost.LinkBytesPerSecond,
            Seconds(streamed, draftFull, substitutes + draftHeadBytes), Seconds(model.LayerBytes.Sum(), headReadBytes, (drafts ? model.SubstituteBytes.Sum() : 0) + draftHeadBytes), smallest)
        {
            HasDraftHead = draftHead,
            DraftReadBytes = drafts ? draftFull + substitutes + draftHeadBytes : 0,
        };

        double Seconds(long streamedBytes, long draftFullBytes, long substituteBytes) => drafts
            ? cost.RoundSeconds(streamedBytes, streamed + resident, draftFullBytes, substituteBytes)
            : (cost with { DraftSteps = 0 }).RoundSeconds(streamedBytes, streamed + resident, 0, 0);
    }
}
