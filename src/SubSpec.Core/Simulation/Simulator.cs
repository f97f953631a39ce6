using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>
/// Runs a schedule on a virtual clock: interprets its commands as the scheduler actor does, with the engine's own ring, step grants and tree
/// growth, and with seconds that a <see cref="SimulatedCosts"/> says instead of work. Messages take no time; sequences end by length only.
/// </summary>
public static class Simulator
{
    /// <summary>Simulates; the same setup always gives the same result.</summary>
    public static SimulationResult Run(SimulationSetup setup)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(setup.Sessions, 1);
        if (setup.Answers.IsEmpty || setup.Answers.Any(a => a.PromptTokens < 1 || a.Tokens < 2 || a.MaxTokens < a.Tokens))
            throw new ArgumentException("each answer has a prompt and at least 2 tokens, and no more than were asked for", nameof(setup));
        var sum = new Sum();
        // The engine's calibration goes on from answer to answer too.
        var calibration = new AcceptanceCalibration();
        setup.Acceptance.Recorded?.Teach(calibration);
        int first = 0;
        ScheduleState? earlier = null;
        foreach (ImmutableArray<int> answers in ClosedLoop.Groups(setup.Answers.Length, setup.Sessions))
        {
            earlier = new Group(setup, sum, calibration, answers, first, earlier).Run();
            first += answers.Length;
        }
        return new SimulationResult(
            sum.Tokens, sum.Seconds, [.. sum.Histogram], sum.Totals.Passes, sum.Totals.DraftSteps, sum.Totals.DraftedRows, sum.Totals.VerifiedRows, sum.Totals.BytesStreamed,
            sum.LinkBusySeconds, sum.Totals.VerifySeconds, sum.Totals.DraftSeconds, sum.Totals.StallSeconds, sum.Totals.OverlapSeconds, sum.Totals.Ahead, setup.Costs.LinkBandwidth,
            setup.Costs.SharesCompute);
    }

    private sealed class Sum
    {
        public SimulationTotals Totals { get; } = new();

        public List<int> Histogram { get; } = [];

        public long Tokens { get; set; }

        public double Seconds { get; set; }

        public double LinkBusySeconds { get; set; }

        public void AddRound(int accepted)
        {
            while (Histogram.Count <= accepted) Histogram.Add(0);
            Histogram[accepted]++;
        }
    }

    /// <summary>Answers that are measured together, from their prompts to their last tokens.</summary>
    private sealed class Group
    {
        private readonly SimulationSetup _setup;
        private readonly Sum _sum;
        private readonly AcceptanceCalibration _calibration;
        private readonly VirtualClock _clock = new();
        private readonly SimulationTotals _totals = new();
        private readonly SimulatedLink _link;
        private readonly SimulatedDraft _draft;
        private readonly SimulatedVerify _verify;
        private readonly Dictionary<SequenceId, SimulatedSequence> _sequences;
        private readonly Queue<SimulatedSequence> _waiting;
        private readonly Queue<ScheduleEvent> _events = new();
        private ScheduleState _state;
        private PassId? _pass;
        private bool _drafts;
        private double? _cycleStart;
        private (SimulationTotals Totals, double LinkBusySeconds, double Now)? _prefilled;
        private bool _isOver;

        public Group(SimulationSetup setup, Sum sum, AcceptanceCalibration calibration, ImmutableArray<int> answers, int first, ScheduleState? earlier)
        {
            (_setup, _sum, _calibration) = (setup, sum, calibration);
            SimulatedCosts costs = setup.Costs;
            _link = new SimulatedLink(_clock, new StreamRing(costs.RingSlots, costs.OffloadedLayers), costs);
            var thread = new ComputeThread(_clock);
            _draft = new SimulatedDraft(costs.SharesCompute ? thread : new ComputeThread(_clock), costs, _link, _totals);
            _verify = new SimulatedVerify(_clock, thread, costs, _link, _draft, _totals);
            _waiting = new Queue<SimulatedSequence>(answers.Select((answer, i) => new SimulatedSequence(
                new SequenceId(first + i + 1), setup.Acceptance.Text(setup.Seed, first + i), setup.Answers[answer], setup.Shape.KvRows(setup.Sessions))));
            _sequences = [];
            _state = earlier is null ? setup.Schedule.Start() : setup.Schedule.Resume(earlier, new PassId(1), new RoundId(1));
        }

        /// <returns>The schedule's last state.</returns>
        public ScheduleState Run()
        {
            for (int place = 0; place < _setup.Sessions; place++) Begin();
            _clock.Run();
            if (_sequences.Count > 0 || !_isOver)
                throw new InvalidOperationException($"schedule '{_setup.Schedule.Name}' stands still while {_sequences.Count} sequences are unfinished");
            return _state;
        }

        private void Begin()
        {
            SimulatedSequence sequence = _waiting.Dequeue();
            _sequences.Add(sequence.Id, sequence);
            Tell(new ScheduleEvent.SequenceReady(sequence.Progress));
        }

        private void Tell(ScheduleEvent happened)
        {
            _events.Enqueue(happened);
            while (_events.TryDequeue(out ScheduleEvent? next))
            {
                (_state, ImmutableArray<ScheduleCommand> commands) = _setup.Schedule.Next(_state, next);
                foreach (ScheduleCommand command in commands) Execute(command);
            }
            // Time in which nothing is in flight belongs to no pass.
            if (!_drafts && _pass is null) _cycleStart = null;
        }

        private void Execute(ScheduleCommand command)
        {
            switch (command)
            {
                case ScheduleCommand.StreamAhead c:
                    _link.StreamTo(c.Pass);
                    break;
                case ScheduleCommand.StartDraft c:
                    StartDraft(c);
                    break;
                case ScheduleCommand.StartPass c:
                    StartPass(c);
                    break;
                default:
                    throw new InvalidOperationException($"schedule '{_setup.Schedule.Name}' gave the unknown command {command.GetType().Name}");
            }
        }

        private void StartDraft(ScheduleCommand.StartDraft command)
        {
            DraftOrder[] orders = [.. command.Orders.Where(o => _sequences.ContainsKey(o.Sequence))];
            if (orders.Length == 0)
            {
                _events.Enqueue(new ScheduleEvent.TreesDrafted(command.Round, []));
                return;
            }
            SimulatedTree[] trees = [.. orders.Select(o => _sequences[o.Sequence].Draft(o, _calibration))];
            _drafts = true;
            _cycleStart ??= _clock.Now;
            _draft.Draft(trees, command.Grants, _pass, steps =>
            {
                _drafts = false;
                Tell(new ScheduleEvent.TreesDrafted(command.Round, [.. orders.Select(o => o.Sequence).Where(_sequences.ContainsKey)]) { Steps = steps });
            });
        }

        private void StartPass(ScheduleCommand.StartPass command)
        {
            PassOrder[] orders = [.. command.Orders.Where(o => _sequences.ContainsKey(o.Sequence))];
            if (orders.Length == 0)
            {
                _events.Enqueue(new ScheduleEvent.PassVerified(command.Pass, []));
                return;
            }
            _pass = command.Pass;
            int rows = orders.Sum(o => _sequences[o.Sequence].Rows(o.PromptRows));
            _cycleStart ??= _clock.Now;
            _verify.Begin(command.Pass, rows, command.Grants, work => EndPass(command.Pass, orders, work));
        }

        private void EndPass(PassId pass, PassOrder[] orders, PassWork work)
        {
            SimulatedSequence[] verified = [.. orders.Select(o => _sequences[o.Sequence])];
            (double cycle, int left) = (_clock.Now - _cycleStart!.Value, verified.Sum(s => s.TokensLeft));
            (_pass, _cycleStart) = (null, _clock.Now);
            foreach (SimulatedSequence sequence in verified) Commit(sequence);
            int begin = Math.Min(_waiting.Count, _setup.Sessions - _sequences.Count);
            if (_sequences.Count + begin < _setup.Sessions) EndMeasurement();
            int tokens = left - verified.Sum(s => s.TokensLeft);
            Tell(new ScheduleEvent.PassVerified(pass, [.. verified.Where(s => !s.IsOver).Select(s => s.Progress)])
            {
                Times = new PassTimes(work.Verify, work.StreamSeconds, work.Layers, cycle, tokens) { RingSlots = _setup.Costs.RingSlots, WrongChoices = verified.Sum(s => s.WrongChoices) },
            });
            for (int i = 0; i < begin; i++) Begin();
        }

        private void Commit(SimulatedSequence sequence)
        {
            int decoded = sequence.Decoded;
            int? accepted = sequence.Commit();
            if (!_isOver)
            {
                _sum.Tokens += sequence.Decoded - decoded;
                if (accepted is { } some) _sum.AddRound(some);
            }
            if (sequence.IsOver) Remove(sequence);
            if (_prefilled is null && sequence.PromptLeft == 0) _prefilled = (_totals.Snapshot(), _link.BusySeconds, _clock.Now);
        }

        /// <summary>The first place stays empty. What is done for the other answers, or read after the last one, is not counted.</summary>
        private void EndMeasurement()
        {
            if (_isOver || _prefilled is not { } start) return;
            _isOver = true;
            _sum.Seconds += _clock.Now - start.Now;
            _sum.Totals.AddBetween(start.Totals, _totals);
            _sum.LinkBusySeconds += _link.BusySeconds - start.LinkBusySeconds;
        }

        private void Remove(SimulatedSequence sequence)
        {
            _sequences.Remove(sequence.Id);
            if (sequence.Tree is { } growing) _draft.Drop(growing);
        }
    }
}
