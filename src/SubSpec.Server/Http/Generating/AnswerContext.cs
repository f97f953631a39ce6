using SubSpec.Core.Engine;
using SubSpec.Core.Text;
using SubSpec.Server.Http.Requests;
using SubSpec.Server.Http.Tools;

namespace SubSpec.Server.Http.Generating;

/// <summary>What an answer's format has to know.</summary>
/// <param name="Id">Of the answer.</param>
/// <param name="Created">Unix seconds.</param>
/// <param name="Seed">The seed in force.</param>
/// <param name="Tools">How the model writes tool calls; null where it may make none.</param>
internal sealed record AnswerContext(string Id, long Created, string Model, long Seed, AnswerRequest Request, ITextCodec Codec, ModelLimits Limits, IToolFormat? Tools);
