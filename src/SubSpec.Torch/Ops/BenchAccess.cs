using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("SubSpec.OpsBench")]
