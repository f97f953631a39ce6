using System.Collections.Immutable;
using SubSpec.Core.Schedules;

namespace SubSpec.Core.Tests.Schedules;

/// <summary>Events in, commands out as short text: passes and drafts with sequence:rows and sequence:depth.</summary>
internal sealed class ScheduleSteps(ISchedule schedule)
{
    private ScheduleState _state = schedule.Start();

    public string Ready(long id, int prompt, int tokens) => Tell(new ScheduleEvent.SequenceReady(new(new(id), prompt, tokens)));

    public string Gone(long id) => Tell(new ScheduleEvent.SequenceGone(new(id)));

    public string Drafted(long round, params long[] ids) => Tell(new ScheduleEvent.TreesDrafted(new(round), [.. ids.Select(id => new SequenceId(id))]));

    public string Verified(long pass, params (long Id, int Prompt, int Tokens)[] going) =>
        Tell(new ScheduleEvent.PassVerified(new(pass), [.. going.Select(g => new SequenceProgress(new(g.Id), g.Prompt, g.Tokens))]));

    private string Tell(ScheduleEvent happened)
    {
        (_state, ImmutableArray<ScheduleCommand> commands) = schedule.Next(_state, happened);
        return string.Join("; ", commands.Select(c => c switch
        {
            ScheduleCommand.StartPass p => $"pass{p.Pass.Value} {string.Join(' ', p.Orders.Select(o => $"{o.Sequence.Value}:{o.PromptRows}"))}",
            ScheduleCommand.StartDraft d => $"draft{d.Round.Value} {string.Join(' ', d.Orders.Select(o => $"{o.Sequence.Value}:{o.Shape.Depth}"))}",
            ScheduleCommand.StreamAhead s => $"stream{s.Pass.Value}",
            _ => $"{c}",
        }));
    }
}
