using SubSpec.Torch.Compute;
using SubSpec.Torch.Engine;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>The start-up probe passes the engine's own arithmetic and finds arithmetic that depends on a row's batch.</summary>
public sealed class RowProbeTests : IDisposable
{
    private readonly EngineBlueprint _blueprint = EngineBlueprint.Draw(DemoModel.Options with { MemoryBudget = 1L << 30, Drafts = false, Context = 64, Threads = 2, PassRows = 300 });
    private readonly ModelAssets _assets;
    private readonly ComputeTeam _team;
    private readonly Scratch _scratch;

    public RowProbeTests()
    {
        _assets = ModelAssets.Load(_blueprint);
        _team = new ComputeTeam(_blueprint.Shape.Threads);
        _scratch = new Scratch(_blueprint.Model.Config, _blueprint.Options, _blueprint.Shape);
    }

    [Fact]
    public void The_engines_own_linears_pass() => Assert.True(Holds(linears => linears));

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
        _scratch.Dispose();
        _team.Dispose();
        _assets.Dispose();
    }

    private bool Holds(Func<ILayerLinears, ILayerLinears> change)
    {
        var own = new FullLinears(_team, _scratch.Linear);
        own.Use(_assets.Weights.Linears(0), _assets.Weights.Vectors(0));
        return RowProbe.Holds(_blueprint.Model.Config, _blueprint.Options, _blueprint.Shape, _team, _scratch, change(own), _assets.Weights.Vectors(0), CancellationToken.None);
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
