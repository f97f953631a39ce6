using System.Collections.Immutable;
using System.CommandLine;

namespace SubSpec.Cli.Options;

/// <summary>Options that help shows together.</summary>
internal sealed record OptionGroup(string Title, ImmutableArray<Option> Options);
