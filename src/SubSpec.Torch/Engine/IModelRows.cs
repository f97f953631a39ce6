using SubSpec.Core.Sampling;

namespace SubSpec.Torch.Engine;

/// <summary>A model's arithmetic for one batch of rows on some device. All calls come from the compute thread.</summary>
internal interface IModelRows
{
    /// <summary>The rows that go through the layers; filled by the caller before <see cref="Embed"/>.</summary>
    RowBatch Batch { get; }

    /// <summary>Rows of one <see cref="Head"/> at most.</summary>
    int HeadRows { get; }

    /// <summary>Begins with the batch as it is: the residual stream of its rows is their tokens' embedding.</summary>
    void Embed();

    /// <summary>Takes all rows through a layer, writing K and V of each to its slot.</summary>
    /// <param name="slot">Ring slot that holds the layer; -1 where it is resident.</param>
    void RunLayer(int layer, int slot);

    /// <summary>Takes rows [start, start + count) out of the batch and out of the residual stream; later rows move up.</summary>
    void Remove(int start, int count);

    /// <summary>Copies the residual stream [hidden] of one row.</summary>
    void CopyResidual(int row, Span<float> to);

    /// <summary>Computes the logits of rows [start, start + count); they stay valid until the next call, by target or draft, and as long as no row moves on.</summary>
    void Head(int start, int count);

    /// <summary>What is at hand of the logits of one row of the last <see cref="Head"/>, counted from its start; false where all of them are.</summary>
    bool TryShortlist(int row, out LogitShortlist list);

    /// <summary>Logits [vocabulary] of one row of the last <see cref="Head"/>, counted from its start; valid until the next call.</summary>
    ReadOnlySpan<float> Logits(int row);
}
