using System.Collections.Immutable;
using SubSpec.Actors.Client;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core;
using SubSpec.Core.Schedules;

namespace SubSpec.Actors.Tests.Service;

/// <summary>Another schedule while the service runs.</summary>
public class ScheduleChangeTests : ServiceTest
{
    [Fact]
    public async Task One_that_comes_back_is_given_its_last_state_and_a_new_one_nothing()
    {
        var resumed = new List<ScheduleState>();
        InferenceClient client = Start(schedule: "adaptive");
        int[] plain = [.. (await Run(client, Request(PromptOf(1, 5), 20))).TokenIds];

        await client.UseScheduleAsync(new Noted(ScheduleCatalog.BuiltIn.Create("shared", Settings), resumed));
        Assert.Empty(resumed);
        Assert.Equal(plain, (await Run(client, Request(PromptOf(1, 5), 20))).TokenIds);

        await client.UseScheduleAsync(new Noted(ScheduleCatalog.BuiltIn.Create("adaptive", Settings), resumed));
        Assert.Equal("AheadState", Assert.Single(resumed).GetType().Name);
        await client.UseScheduleAsync(new Noted(ScheduleCatalog.BuiltIn.Create("shared", Settings), resumed));
        Assert.Equal("GroupedState", resumed[1].GetType().Name);
        Assert.Equal(plain, (await Run(client, Request(PromptOf(1, 5), 20))).TokenIds);
    }

    private sealed class Noted(ISchedule inner, List<ScheduleState> resumed) : ISchedule
    {
        public string Name => inner.Name;

        public ScheduleState Start(PassId pass, RoundId round) => inner.Start(pass, round);

        public ScheduleState Resume(ScheduleState earlier, PassId pass, RoundId round)
        {
            resumed.Add(earlier);
            return inner.Resume(earlier, pass, round);
        }

        public (ScheduleState State, ImmutableArray<ScheduleCommand> Commands) Next(ScheduleState state, ScheduleEvent happened) => inner.Next(state, happened);
    }
}
