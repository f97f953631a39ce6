using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>The engine's target put together over resident layers, so that a test can read what an engine keeps to itself: logits of every position.</summary>
internal sealed unsafe class TargetLogits : IDisposable
{
    private readonly ModelAssets _assets;
    private readonly CheckpointLink _link;
    private readonly ComputeTeam _team;
    private readonly Scratch _scratch;
    private readonly KvPool _kv;
    private readonly HostParts _parts;
    private readonly TargetPass _target;
    private readonly KvLedger _ledger;
    private long _ids;

    public TargetLogits(string folder)
    {
        var blueprint = EngineBlueprint.Draw(new EngineOptions { ModelFolder = folder, MemoryBudget = 1L << 30, Drafts = false, Context = 256, Threads = 2, PoisonFreeKv = true });
        _assets = ModelAssets.Load(blueprint);
        _link = new CheckpointLink([], new LinkOptions(1, null), TimeProvider.System);
        _team = new ComputeTeam(blueprint.Shape.Threads);
        (var config, EngineOptions options) = (blueprint.Model.Config, blueprint.Options);
        _scratch = new Scratch(config, options, blueprint.Shape);
        _kv = new KvPool(config.Layers, blueprint.Shape.KvSlots, config.KvHeads, config.HeadDim, poison: true);
        _kv.PoisonAll();
        _ledger = new KvLedger(_kv.SlotCount);
        var head = new LanguageHead(config, _team, _assets.Weights.FinalNorm, new FullHead(_team, _scratch.Linear, _assets.Weights.Head), _scratch.HeadNormed, _scratch.Logits);
        var layer = new DecoderLayer(config, _team, _kv, _scratch.Rope, _scratch.Attention);
        _parts = new HostParts(config, _team, _assets.Weights, _scratch.Linear, layer, head);
        WeightMatrix[][] shapes = [.. Enumerable.Range(0, config.Layers).Select(l => _assets.Weights.Linears(l)!)];
        var rows = new HostRows(_parts, _scratch.TargetRows, _scratch.TargetActivations, new TargetLinears(_parts, _link.Ring, shapes));
        _target = new TargetPass(new EngineParts(config, _kv, new Sampler(config.Vocabulary), new AcceptanceCalibration()), rows, _ => false);
    }

    /// <summary>Logits [positions][vocabulary] of the whole sequence, teacher-forced in chunks of prompt over the KV cache.</summary>
    public float[][] Of(int[] tokens, int chunkRows)
    {
        KvLease lease = _ledger.Reserve(new SequenceId(++_ids), tokens.Length)!;
        var logits = new List<float[]>();
        foreach (int[] chunk in tokens.Chunk(chunkRows))
        {
            var rows = new PassRows(lease.Sequence, lease, logits.Count, TokenTree.Chain(chunk), RowsKind.Prefill, SamplingOptions.Greedy, TokenHistory.Empty);
            _target.Begin(new PassPlan(new PassId(++_ids), [rows]));
            for (int layer = 0; layer < _target.LayerCount; layer++) _target.RunLayer(layer, slot: -1);
            for (int row = 0; row < chunk.Length; row++)
            {
                _parts.Head.Forward(_scratch.TargetActivations.Residual + (long)row * _parts.Config.Hidden, 1);
                logits.Add(_parts.Head.Logits(0).ToArray());
            }
            _target.Finish();
        }
        _kv.Retire(lease, _ledger.Release(lease));
        return [.. logits];
    }

    /// <summary>The residual stream [layers + 1][positions][hidden] before the first layer and after each, and the logits behind the last.</summary>
    public (double[][][] Residuals, float[][] Logits) Layers(int[] tokens)
    {
        KvLease lease = _ledger.Reserve(new SequenceId(++_ids), tokens.Length)!;
        var rows = new PassRows(lease.Sequence, lease, 0, TokenTree.Chain(tokens), RowsKind.Prefill, SamplingOptions.Greedy, TokenHistory.Empty);
        _target.Begin(new PassPlan(new PassId(++_ids), [rows]));
        var residuals = new List<double[][]> { Residual() };
        for (int layer = 0; layer < _target.LayerCount; layer++)
        {
            _target.RunLayer(layer, slot: -1);
            residuals.Add(Residual());
        }
        var logits = new float[tokens.Length][];
        for (int row = 0; row < tokens.Length; row++)
        {
            _parts.Head.Forward(_scratch.TargetActivations.Residual + (long)row * _parts.Config.Hidden, 1);
            logits[row] = _parts.Head.Logits(0).ToArray();
        }
        _target.Finish();
        _kv.Retire(lease, _ledger.Release(lease));
        return ([.. residuals], logits);

        double[][] Residual() => [.. Enumerable.Range(0, tokens.Length).Select(row =>
            Array.ConvertAll(new ReadOnlySpan<float>(_scratch.TargetActivations.Residual + (long)row * _parts.Config.Hidden, _parts.Config.Hidden).ToArray(), v => (double)v))];
    }

    public void Dispose()
    {
        _link.Dispose();
        _team.Dispose();
        _scratch.Dispose();
        _kv.Dispose();
        _assets.Dispose();
    }
}
