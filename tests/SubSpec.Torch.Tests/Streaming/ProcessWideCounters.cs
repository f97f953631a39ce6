namespace SubSpec.Torch.Tests.Streaming;

/// <summary>Tests that compare counters of the whole process run alone.</summary>
[CollectionDefinition(nameof(ProcessWideCounters), DisableParallelization = true)]
public class ProcessWideCounters;
