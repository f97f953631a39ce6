namespace SubSpec.Core.Simulation;

/// <summary>How far drafts are accepted.</summary>
/// <param name="FirstChoice">Probability that the draft's first choice after an accepted token is the target's choice: a run's <c>agreement</c>.</param>
/// <param name="Recorded">Answers that were really generated, to decode again; null where texts are to be made up.</param>
public sealed record AcceptanceModel(double FirstChoice, RecordedAnswers? Recorded = null)
{
    /// <summary>What is assumed where nothing is known: that of 4-bit substitutes of the demo model at temperature 0, in DESIGN section 11.</summary>
    public static AcceptanceModel Default { get; } = new(0.969);

    /// <summary>The text of an answer: a recorded one, as long as there are some, in turn.</summary>
    /// <param name="seed">Of what is made up.</param>
    internal SimulatedText Text(ulong seed, int answer) =>
        new(seed, answer, FirstChoice, Recorded is { } kind ? new RecordedText(kind.Answers[answer % kind.Answers.Length]) : null);
}
