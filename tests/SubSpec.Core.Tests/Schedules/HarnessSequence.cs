using SubSpec.Core.Schedules;

namespace SubSpec.Core.Tests.Schedules;

/// <summary>One sequence as the harness's engine knows it.</summary>
internal sealed class HarnessSequence(SequenceId id, int prompt, int tokens)
{
    public SequenceId Id => id;

    public int PromptLeft { get; private set; } = prompt;

    public int TokensLeft { get; private set; } = tokens;

    /// <summary>Neither finished nor cancelled.</summary>
    public bool IsLive { get; private set; } = true;

    public bool IsDrafting { get; set; }

    /// <summary>Rows of the tree that is drafted or waits to be verified; 0 for none.</summary>
    public int TreeRows { get; set; }

    /// <summary>Rows of the tree that is drafted while a pass verifies the one before; 0 for none.</summary>
    public int NextTreeRows { get; set; }

    /// <summary>The last tree may be continued.</summary>
    public bool LooksAhead { get; set; }

    /// <summary>Rows that the next pass verifies: the tree, or the root alone.</summary>
    public int VerifyRows => Math.Max(1, TreeRows);

    /// <summary>Depth of the tree that waits to be verified.</summary>
    public int TreeDepth { get; set; }

    /// <summary>Passes started without this sequence since it could have been in one.</summary>
    public int TurnsWaiting { get; set; }

    public SequenceProgress Progress => new(id, PromptLeft, TokensLeft);

    public void Stop() => IsLive = false;

    /// <summary>A pass has taken prompt rows; after the last of them one token is chosen. Returns how many tokens were.</summary>
    public int TakePrompt(int rows)
    {
        PromptLeft -= rows;
        if (PromptLeft > 0) return 0;
        (TreeRows, NextTreeRows) = (NextTreeRows, 0);
        return Choose(1);
    }

    /// <summary>A pass has verified the tree and accepted so many of its tokens.</summary>
    public int Verify(int accepted)
    {
        (TreeDepth, TreeRows, NextTreeRows) = (0, NextTreeRows, 0);
        return Choose(accepted + 1);
    }

    private int Choose(int count)
    {
        TokensLeft -= count;
        if (TokensLeft <= 0) Stop();
        return count;
    }
}
