using System.Runtime.CompilerServices;
using SubSpec.Core;

namespace SubSpec.Text.Templates.Evaluation;

/// <summary>One rendering: where it is, what it may still spend, and the clock.</summary>
internal sealed class RenderContext(TimeProvider clock)
{
    private const long NodeCost = 50;

    // A character or item costs 1. The largest real conversations spend a few million.
    private long _budget = 100_000_000;

    public TimeProvider Clock { get; } = clock;

    /// <summary>The line of the node that is being evaluated.</summary>
    public int Line { get; set; } = 1;

    /// <summary>Counts characters and items that are made or looked through, so that every rendering ends.</summary>
    /// <exception cref="BadInputException">The rendering takes far more than any real conversation needs.</exception>
    public void Spend(long amount)
    {
        _budget -= amount;
        if (_budget < 0) throw Fail("the template makes too much work or text");
    }

    /// <summary>Counts one step of a recursion, over the template's nodes or a value's, and checks that the stack has room for it.</summary>
    public void Enter()
    {
        Spend(NodeCost);
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw Fail("the template or a value is nested too deeply");
    }

    public BadInputException Fail(string what) => TemplateError.At(Line, what);

    public BadInputException Unsupported(string construct) => TemplateError.Unsupported(Line, construct);
}
