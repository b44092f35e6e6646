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

    [Fact]
    public Task Four_lost_copies_of_our_200_are_no_loss() => flows.FifthCopy;

    [Fact]
    public Task An_ACK_8_s_late_is_taken() => flows.LateAck;

    [Fact]
    public Task Without_an_ACK_we_send_BYE_after_32_s_and_the_others_go_on() => flows.NoAck;

    [Fact]
    public Task Without_an_ACK_a_session_of_two_is_released_after_32_s() => flows.NoAckFromOneOfTwo;

    [Fact]
    public Task Without_an_ACK_for_a_reINVITE_we_send_BYE_after_32_s() => flows.NoAckForReinvite;

    [Fact]
    public Task An_INVITE_repeated_after_9_s_before_its_ACK_gets_the_200_again() => flows.InviteRepeatedBeforeAck;

    [Fact]
    public Task An_INVITE_repeated_after_9_s_when_its_transaction_is_gone_gets_the_200_again() => flows.InviteRepeatedAfterAck;

    [Fact]
    public Task An_INVITE_repeated_after_9_s_on_another_branch_gets_the_200_again() => flows.InviteRepeatedOnAnotherPath;

    [Fact]
    public Task Each_copy_of_an_invited_users_200_is_acknowledged_for_20_s() => flows.Repeated200;

    [Fact]
    public Task A_fork_that_accepts_after_7_s_is_acknowledged_and_ended() => flows.LateFork;

    [Fact]
    public Task A_fork_that_accepts_after_33_s_is_acknowledged_and_ended() => flows.LaterFork;

    [Fact]
    public Task Who_accepts_8_s_after_a_CANCEL_is_acknowledged_and_ended() => flows.AcceptedAfterCancel;

    [Fact]
    public Task Who_accepts_34_s_after_a_CANCEL_is_acknowledged_and_ended() => flows.AcceptedLongAfterCancel;

    [Fact]
    public Task A_BYE_that_overtakes_the_200_of_its_sender_ends_the_leg() => flows.ByeBefore200;

    [Fact]
    public Task A_NOTIFY_without_an_answer_for_32_s_ends_the_subscription() => flows.SilentWatcher;

    [Fact]
    public Task A_BYE_without_an_answer_for_32_s_ends_the_leg() => flows.SilentLeaver;
}
