using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Flows.Loss;

/// <summary>RFC 3261 13, 14, 15 and 17 over a network that loses, doubles and holds up, with the real timers.</summary>
[Collection(DemoProfileUsers.Name)]
public class LossTests(LossFlows flows) : IClassFixture<LossFlows>
{
    [Fact]
    public Task What_is_lost_once_is_sent_again() => flows.LostOnce;

    [Fact]
    public Task What_comes_twice_is_answered_the_same_and_done_once() => flows.Doubled;

    [Fact]
    public Task A_fifth_of_everything_is_lost() => flows.LostByChance;

    [Fact]
    public Task A_CANCEL_and_its_answers_that_are_lost_once_get_through() => flows.CancelLostOnce;

    [Fact]
    public Task A_CANCEL_that_comes_twice_is_answered_the_same() => flows.CancelDoubled;
}
