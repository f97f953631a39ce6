using SubSpec.Core;
using SubSpec.Core.Kv;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Models;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>The start-up probe passes the engine's own arithmetic and finds arithmetic that depends on a row's batch.</summary>
public sealed class RowProbeTests : IDisposable
{
    private readonly EngineBlueprint _blueprint = EngineBlueprint.Draw(DemoModel.Options with { MemoryBudget = 1L << 30, Drafts = false, Context = 64, Threads = 2, PassRows = 300 });
    private readonly ModelAssets _assets;
    private readonly ComputeTeam _team;
    private readonly Scratch _scratch;
    private readonly KvPool _kv;

    public RowProbeTests()
    {
        _assets = ModelAssets.Load(_blueprint);
        _team = new ComputeTeam(_blueprint.Shape.Threads);
        _scratch = new Scratch(_blueprint.Model.Config, _blueprint.Options, _blueprint.Shape);
        _kv = new KvPool(_blueprint.Model.Config.Layers, _blueprint.Shape.KvSlots, _blueprint.Model.Config.KvHeads, _blueprint.Model.Config.HeadDim, poison: true);
        _kv.PoisonAll();
    }

    [Fact]
    public unsafe void The_engines_own_linears_pass_and_leave_the_cache_as_it_was()
    {
        Assert.True(Holds(linears => linears));

        Assert.All(Enumerable.Range(0, _kv.SlotCount * _kv.RowElements), i => Assert.Equal(0x7FC0, _kv.Keys(0)[i]));
        Assert.Throws<InvalidOperationException>(() => _kv.CheckContext(new KvLease(new SequenceId(0), 1, [0]), 1));
    }

    // As a kernel would that takes another summation order for large batches, or for the rows behind its last full tile.
    [Theory]
    [InlineData(2, 0)]
    [InlineData(17, 0)]
    [InlineData(64, 63)]
    [InlineData(257, 255)]
    public void A_last_bit_that_depends_on_the_size_of_the_batch_is_found(int fromRows, int row) =>
        Assert.False(Holds(linears => new BatchDependent(linears, fromRows, row, _blueprint.Model.Config.Hidden)));

    public void Dispose()
    {
        _kv.Dispose();
        _scratch.Dispose();
        _team.Dispose();
        _assets.Dispose();
    }

    private unsafe bool Holds(Func<ILayerLinears, ILayerLinears> change)
    {
        ModelConfig config = _blueprint.Model.Config;
        var own = new FullLinears(_team, _scratch.Linear);
        own.Use(_assets.Weights.Linears(0), _assets.Weights.Vectors(0));
        var head = new LanguageHead(config, _team, _assets.Weights.FinalNorm, new FullHead(_team, _scratch.Linear, _assets.Weights.Head), _scratch.HeadNormed, _scratch.Logits);
        var parts = new HostParts(config, _team, _assets.Weights, _scratch.Linear, new DecoderLayer(config, _team, _kv, _scratch.Rope, _scratch.Attention), head);
        var rows = new HostRows(parts, _scratch.TargetRows, _scratch.TargetActivations, new One(change(own)));
        return new RowProbe(_blueprint, rows, _kv, slot: -1).Holds(RowProbe.RowCounts(_blueprint.Options.PassRows), CancellationToken.None);
    }

    private sealed class One(ILayerLinears linears) : ILinearsOfLayer
    {
        public ILayerLinears Of(int layer, int slot) => linears;
    }

    /// <summary>Changes the last bit of one number a row, from a row on, in batches of some size and more.</summary>
    private sealed unsafe class BatchDependent(ILayerLinears inner, int fromRows, int fromRow, int hidden) : ILayerLinears
    {
        public bool RoundsQueryKeyValue => inner.RoundsQueryKeyValue;

        public bool RoundsOutput => inner.RoundsOutput;

        public bool RoundsGateUp => inner.RoundsGateUp;

        public bool RoundsDown => inner.RoundsDown;

        public void QueryKeyValue(float* x, float* q, float* k, float* v, int rows) => inner.QueryKeyValue(x, q, k, v, rows);

        public void AddOutput(float* attended, float* residual, int rows) => inner.AddOutput(attended, residual, rows);

        public void GateUp(float* x, float* gate, float* up, int rows) => inner.GateUp(x, gate, up, rows);

        public void AddDown(float* activated, float* residual, int rows)
        {
            inner.AddDown(activated, residual, rows);
            if (rows < fromRows) return;
            for (int row = fromRow; row < rows; row++) residual[(long)row * hidden] = float.BitIncrement(residual[(long)row * hidden]);
        }
    }
}
