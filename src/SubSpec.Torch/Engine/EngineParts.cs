using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Models;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Engine;

/// <summary>What target and draft share: they run on one compute thread, over one KV cache.</summary>
internal sealed record EngineParts(
    ModelConfig Config,
    ComputeTeam Team,
    KvPool Kv,
    ResidentWeights Weights,
    Linear Linear,
    DecoderLayer Layer,
    LanguageHead Head,
    Sampler Sampler,
    AcceptanceCalibration Calibration);
