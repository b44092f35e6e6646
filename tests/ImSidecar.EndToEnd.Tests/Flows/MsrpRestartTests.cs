using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>
/// MSRP connections that are lost, with the node or alone: who connects again, who is asked to by re-INVITE (IM 7.2.2.6),
/// who is removed.
/// </summary>
public class MsrpRestartTests(DemoProfile profile) : Flow(profile)
{
    private static readonly MsrpOptions _silent = new() { ConnectsOnReinvite = false };

    protected override IReadOnlyList<string> Settings => ["--Controlling:MediaReconnect=00:00:02"];

    [Fact, Trait("Spec", "RFC 6135 4")]
    public async Task Where_the_server_is_the_active_side_it_connects_again()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(
            alice, [bob, carol],
            new() { Msrp = new() { OfferedSetup = SetupRole.Passive } },
            new() { Msrp = new() { PreferredSetup = SetupRole.Passive } });

        await RestartAsync(group, alice, bob, carol);
        await Until(() => ((Handset[])[alice, bob, carol]).All(handset => group[handset].Msrp!.IsConnected));

        Assert.Equal(200, await group.SayAsync(bob, "back again"));
        Assert.Equal("back again", (await group.HearAsync(carol)).Text);
        Assert.All([alice, bob, carol], handset => Assert.False(group[handset].Requests.TryPeek(out _)));
    }

    [Fact, Trait("Spec", "IM 7.2.2.6")]
    public async Task Who_connects_again_in_time_is_left_alone_and_who_does_not_is_asked_to()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol], accept: new() { Msrp = new() { Reconnects = true } });

        await RestartAsync(group, alice);
        await Until(() => group[bob].Msrp!.IsConnected && group[carol].Msrp!.IsConnected);
        await SayUntilTakenAsync(group, bob, "alice is away");
        var asked = await Next(group[alice].Requests);
        await Until(() => group[alice].Msrp!.IsConnected);

        Assert.Equal(("INVITE", "application/sdp"), (asked.Method, asked["Content-Type"]));
        Assert.Equal("alice is away", (await group.HearAsync(alice)).Text);
        Assert.Equal("alice is away", (await group.HearAsync(carol)).Text);
        Assert.Equal(200, await group.SayAsync(alice, "here I am"));
        Assert.Equal("here I am", (await group.HearAsync(bob)).Text);
        Assert.All([bob, carol], handset => Assert.False(group[handset].Requests.TryPeek(out _)));
    }

    [Fact, Trait("Spec", "IM 7.2.2.6")]
    public async Task Who_lost_the_connection_and_moves_in_the_answer_hears_what_was_said_meanwhile()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol], accept: new() { Msrp = new() { RenewsPath = true } });
        var before = group[bob].Msrp!.Local;

        await DropAsync(group[bob]);
        var said = 0;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (; !group[bob].Requests.TryPeek(out _); said++)
        {
            Assert.Equal(200, await group.SayAsync(alice, $"bob? {said}"));
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        await Until(() => group[bob].Msrp!.IsConnected);

        // What went out on the old connection before the switch saw its end is lost; the last was said long after it.
        while ((await group.HearAsync(bob)).Text != $"bob? {said - 1}")
        {
        }

        Assert.NotEqual(before, group[bob].Msrp!.Local);
        Assert.Equal(200, await group.SayAsync(bob, "elsewhere"));
        Assert.Equal("elsewhere", (await group.HearAsync(alice)).Text);
        Assert.Equal(200, (await Within(group[bob].ReinviteAsync())).Status);
        Assert.Equal(200, (await Within(group[bob].ByeAsync())).Status);
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/ok-3")]
    public async Task Who_accepts_the_reinvite_and_stays_silent_is_removed_and_the_others_are_told()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol], accept: new() { Msrp = _silent });
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        await DropAsync(group[bob]);

        Assert.Equal("INVITE", (await Next(group[bob].Requests)).Method);
        Assert.Equal(CallEndedBy.Peer, (await Within(group[bob].Ended)).By);
        await ReadUntil(watching, told => told.StatusOf(bob.AddressOfRecord) == EndpointStatus.Disconnected);
        Assert.Equal(200, await group.SayAsync(alice, "only us"));
        Assert.Equal("only us", (await group.HearAsync(carol)).Text);
    }

    [Theory, Trait("Spec", "RFC 3261 14.1")]
    [InlineData(488), InlineData(481), InlineData(603)]
    public async Task Who_refuses_the_reinvite_is_removed(int status)
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        group[bob].Responder = transaction => transaction.RespondAsync(status);

        await DropAsync(group[bob]);

        Assert.Equal(CallEndedBy.Peer, (await Within(group[bob].Ended)).By);
        Assert.Equal(200, await group.SayAsync(alice, "only us"));
        Assert.Equal("only us", (await group.HearAsync(carol)).Text);
    }

    [Theory, Trait("Spec", "RFC 3261 14.1")]
    [InlineData(false, 2.0, 4.0), InlineData(true, 0, 2.0)]
    public async Task A_reinvite_that_crosses_one_of_the_peer_goes_again_after_a_pause(
        bool isInviter, double least, double most)
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var call = group[isInviter ? alice : bob];
        var at = new List<DateTimeOffset>();
        call.Responder = transaction =>
        {
            at.Add(DateTimeOffset.UtcNow);
            call.Responder = null;
            return transaction.RespondAsync(491);
        };

        await DropAsync(call);
        var first = await Next(call.Requests);
        var second = await Next(call.Requests);
        var pause = DateTimeOffset.UtcNow - at[0];
        await Until(() => call.Msrp!.IsConnected);

        Assert.Equal(first.CSeq + 1, second.CSeq);
        Assert.InRange(pause.TotalSeconds, least, most + 0.8);
        Assert.Equal(200, await group.SayAsync(carol, "everybody?"));
        Assert.Equal("everybody?", (await group.HearAsync(bob)).Text);
    }

    [Fact, Trait("Spec", "RFC 3261 14.2")]
    public async Task A_reinvite_of_the_peer_that_crosses_ours_gets_491()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var held = Hold(group[bob]);

        await DropAsync(group[bob]);
        var transaction = await Within(held);
        var update = group[bob].UpdateAsync();
        var crossing = await Within(group[bob].SendAsync("INVITE", headers: [("Contact", $"<{bob.ContactUri}>")]));
        await Within(transaction.RespondAsync(488));

        Assert.Equal((491, 200), (crossing.Status, (await Within(update)).Status));
        await Within(group[bob].Ended);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public async Task An_answer_given_while_the_node_is_away_is_acknowledged_when_it_is_back()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var held = Hold(group[bob]);

        await DropAsync(group[bob]);
        var transaction = await Within(held);
        await Profile.KillSidecarAsync();
        var answering = group[bob].AnswerReinviteAsync(transaction);
        await Profile.StartSidecarAsync();
        await Within(answering);
        await Within(group[bob].Msrp!.ConnectAsync());

        // The 200 was repeated until its ACK; now the dialog takes the next INVITE.
        Assert.Equal(200, (await Within(group[bob].ReinviteAsync())).Status);
        await ReachAsync(group, bob);
        Assert.Single(Invites(bob, group[bob]));
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public async Task A_reinvite_lost_with_Kamailio_goes_again()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var held = Hold(group[bob]);

        await DropAsync(group[bob]);
        var first = await Within(held);
        await Profile.RestartKamailioAsync();
        await Until(() => group[bob].Msrp!.IsConnected);

        Assert.Equal(first.Request.CSeq + 1, Invites(bob, group[bob])[^1].CSeq);
        await ReachAsync(group, bob);
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.1")]
    public async Task A_message_cut_by_a_kill_is_whole_for_nobody_and_its_sender_knows()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(
            alice, [bob, carol], new() { Msrp = new() { Reconnects = true } },
            new() { Msrp = new() { Reconnects = true, MaxSize = null } });
        var message = Cpim(alice.AddressOfRecord, group.SessionIdentity, new string('x', 400 * 1024));
        var pipe = new Pipe(new(pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(message.AsMemory(0, 200 * 1024), TestContext.Current.CancellationToken);

        var sending = group[alice].Msrp!.SendAsync(
            "message/cpim", pipe.Reader.AsStream(), message.Length,
            new() { ChunkSize = 32 * 1024, WantsSuccessReport = true });
        await Until(() => group[bob].Msrp!.Chunks.Count > 3 && group[carol].Msrp!.Chunks.Count > 3);
        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();
        await Until(() => ((Handset[])[alice, bob, carol]).All(handset => group[handset].Msrp!.IsConnected));
        await pipe.Writer.WriteAsync(message.AsMemory(200 * 1024), TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        var sent = await SendOutcomeAsync(sending);
        await SayUntilTakenAsync(group, alice, "after it");

        Assert.False(sent, "the sender takes it for sent");
        Assert.Equal("after it", (await group.HearAsync(carol)).Text);
        Assert.Equal("after it", (await group.HearAsync(bob)).Text);
        Assert.False(group[alice].Msrp!.Reports.TryPeek(out _));
    }

    // Not before the switch knows whose connection it is: else it was none.
    private static async Task DropAsync(Call call)
    {
        Assert.Equal(200, await Within(call.Msrp!.KeepAliveAsync()));
        call.Msrp!.DropConnection();
    }

    // The connections of all end with the node; these have noticed before it is back.
    private async Task RestartAsync(Group group, params Handset[] lost)
    {
        await Profile.KillSidecarAsync();
        foreach (var handset in lost)
            await Until(() => !group[handset].Msrp!.IsConnected);
        await Profile.StartSidecarAsync();
    }

    private static List<SipMessage> Invites(Handset handset, Call call) =>
    [
        .. handset.Trace.Where(record => !record.IsOutgoing && record.Message.Method == "INVITE")
            .Select(record => record.Message)
            .Where(message => message.CallId == call.CallId && message.ToTag is not null)
            .DistinctBy(message => message.CSeq),
    ];

    // The next re-INVITE is left without an answer; those behind it get theirs as ever.
    private static Task<ServerTransaction> Hold(Call call)
    {
        var held = new TaskCompletionSource<ServerTransaction>(TaskCreationOptions.RunContinuationsAsynchronously);
        call.Responder = transaction =>
        {
            call.Responder = null;
            held.SetResult(transaction);
            return Task.CompletedTask;
        };
        return held.Task;
    }

    // Who was asked is in the session as the others are.
    private static async Task ReachAsync(Group group, Handset handset)
    {
        await Until(() => group[handset].Msrp!.IsConnected);
        Assert.Equal(200, await group.SayAsync(handset, "in again"));
    }

    private static async Task SayUntilTakenAsync(Group group, Handset speaker, string text)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                if (await group.SayAsync(speaker, text) == 200)
                    return;
            }
            catch (IOException)
            {
                // The connection is not there yet.
            }

            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static byte[] Cpim(string from, string to, string text)
    {
        var output = new ArrayBufferWriter<byte>();
        new CpimMessage
        {
            From = new(from),
            To = [new(to)],
            ContentType = "text/plain",
            Content = Encoding.UTF8.GetBytes(text),
        }.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }

    private static async Task<bool> SendOutcomeAsync(Task<MsrpSendResult> sending)
    {
        try
        {
            return (await Within(sending)).IsSuccess;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
