using SubSpec.Core.Engine;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>On which terms the trees of a round are drafted.</summary>
/// <param name="Prices">For each of its sequences.</param>
/// <param name="Depth">Most tokens on a path.</param>
/// <param name="LooksAhead">Whether its trees grow on while they are verified.</param>
/// <param name="Grants">Draft steps inside the pass, where it looks ahead.</param>
/// <param name="AheadWidth">Most nodes that a step inside the pass adds to a tree.</param>
internal sealed record RoundTerms(DraftPrices Prices, int Depth, bool LooksAhead, StepGrants Grants, int AheadWidth)
{
    /// <summary>Everything within the shape is drafted, and drafted on while the pass waits.</summary>
    /// <param name="steps">Most draft steps while the pass waits for one layer.</param>
    /// <param name="width">Most nodes that such a step adds.</param>
    public static RoundTerms Fixed(int steps, int width) => new(default, int.MaxValue, LooksAhead: true, StepGrants.BeforeEachLayer(steps), Math.Max(2, width));
}
