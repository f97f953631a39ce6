using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Models;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Engine;

/// <summary>What target and draft share on any device: they run on one compute thread, over one KV cache.</summary>
internal sealed record EngineParts(ModelConfig Config, KvSlots Kv, Sampler Sampler, AcceptanceCalibration Calibration);

/// <summary>What their arithmetic shares on the <c>cpu</c> device.</summary>
internal sealed record HostParts(ModelConfig Config, ComputeTeam Team, ResidentWeights Weights, Linear Linear, DecoderLayer Layer, LanguageHead Head);
