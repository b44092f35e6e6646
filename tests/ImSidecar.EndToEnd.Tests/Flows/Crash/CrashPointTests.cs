using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Crash;

/// <summary>The sidecar dies at the arrows of the ladders; nothing is half done, nothing is done twice.</summary>
public class CrashPointTests(DemoProfile profile) : CrashFlow(profile)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task In_a_set_up_between_save_and_send(int save)
    {
        var (alice, bob, carol) = await RegisterThree();
        await Profile.DieAtSaveAsync(save);
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var answering = new Answering(bob, carol);

        await DiedAsync();

        // All that was saved is sent now, and everybody is in or out.
        var answer = await Within(starting.Final);
        if (answer.IsSuccess)
        {
            var call = await Within(starting.Answered);
            Assert.Equal(200, (await Within(call.ByeAsync())).Status);
            await answering.LeaveAsync();
        }
        else if (answering.AreAllIn)
        {
            // Without her the two of them are a session.
            await answering.LeaveAsync();
        }

        await answering.AllEndAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task In_a_wave_of_NOTIFY_when_one_leaves(int save)
    {
        var (alice, bob, carol) = await RegisterThree();
        await Profile.DieAtSaveAsync(0);
        var group = await Group.StartAsync(alice, [bob, carol]);
        var (alices, bobs) = (alice.Subscribe(group.SessionIdentity), bob.Subscribe(group.SessionIdentity));
        await Next(alices.Notifications);
        await Next(bobs.Notifications);

        await Profile.DieAtSaveAsync(save);
        var leaving = group[carol].ByeAsync();
        await DiedAsync();

        // Sent again if it was refused because the sidecar had gone.
        if ((await Within(leaving)).Status == 503)
            Assert.Contains((await Within(group[carol].SendAsync("BYE"))).Status, (int[])[200, 481]);
        foreach (var watching in (Subscription[])[alices, bobs])
            await ReadUntil(watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected);
        Assert.Equal(200, (await Within(group[bob].ByeAsync())).Status);
        await Within(group[alice].Ended);
        Assert.Equal("noresource", (await Within(alices.Terminated)).Reason);
        Assert.Equal("noresource", (await Within(bobs.Terminated)).Reason);
    }

    [Fact]
    public async Task Between_200_and_ACK()
    {
        // The answer is in the ACK: without it there is no path for messages.
        var alice = await Register("alice", options: new()
        {
            User = "alice",
            Delay = record => record is { IsOutgoing: true, Message.Method: "ACK" }
                ? TimeSpan.FromMilliseconds(300) : TimeSpan.Zero,
        });
        var bob = await Register("bob");
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord], new() { Offer = SdpOffer.Late });
        var bobs = await Group.AcceptAsync(bob);
        await Within(starting.Final);

        await Profile.KillSidecarAsync();
        var alices = await Within(starting.Answered);
        await Until(() => alice.Trace.Any(record => record is { IsOutgoing: true, Message.Method: "ACK" }));
        await Profile.StartSidecarAsync();

        var group = Group.Of((alice, alices), (bob, bobs));
        await TalkAsync(group, alice, bob);
        await LeaveAsync(alices, bobs);
    }

    [Fact]
    public async Task When_a_200_arrives_while_it_is_down_and_the_session_goes_on()
    {
        var (alice, bob, carol) = await RegisterThree();
        var (group, ringing) = await TalkWhileOneRings(alice, bob, carol);

        await Profile.KillSidecarAsync();
        var accepting = ringing.AcceptAsync(new() { Msrp = new() { PreferredSetup = SetupRole.Passive } });
        await Until(() => carol.Trace.Any(record => record is { IsOutgoing: true, Message.Status: 200 }
            && record.Message.CSeqMethod == "INVITE"));
        await Profile.StartSidecarAsync();

        var carols = await Within(accepting);
        await Within(carols!.Acknowledged);
        await Within(carols.Msrp!.Connected);
        await TalkAsync(Group.Of((alice, group[alice]), (bob, group[bob]), (carol, carols)), alice, bob, carol);
        await LeaveAsync(carols, group[bob], group[alice]);
    }

    [Fact]
    public async Task When_a_200_arrives_while_it_is_down_and_the_inviter_was_refused()
    {
        var (alice, bob, _) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var ringing = await Next(bob.IncomingCalls);

        await Profile.KillSidecarAsync();
        Assert.Equal(503, (await Within(starting.Final)).Status);
        var accepting = ringing.AcceptAsync(new() { Msrp = new() { PreferredSetup = SetupRole.Passive } });
        await Profile.StartSidecarAsync();

        var bobs = await Within(accepting);
        await Within(bobs!.Acknowledged);
        Assert.Equal(CallEndedBy.Peer, (await Within(bobs.Ended)).By);
    }

    [Fact]
    public async Task In_the_middle_of_a_message()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);
        var big = new byte[8 << 20];
        Array.Fill(big, (byte)'x');

        group[bob].Msrp!.PauseReading();
        var sending = group[alice].Msrp!.SendAsync("text/plain", big);
        await Until(() => group[alice].Msrp!.IsConnected);
        await CrashAsync();

        // The sender learns it by the missing 200, the listener by the end of the connection.
        group[bob].Msrp!.ResumeReading();
        var outcome = await Record.ExceptionAsync(async () => Assert.NotEqual(200, (await Within(sending)).Status));
        Assert.True(outcome is null or IOException or OperationCanceledException, $"{outcome}");
        await Until(() => !group[bob].Msrp!.IsConnected);
        await TalkAsync(group, alice, bob);
        await LeaveAsync(group[bob], group[alice]);
    }

    /// <summary>Phones that accept whatever comes, until everything has ended.</summary>
    private sealed class Answering(params Handset[] handsets)
    {
        private readonly Dictionary<Handset, Task<Call?>> _calls =
            handsets.ToDictionary(handset => handset, handset => Task.Run(() => AnswerAsync(handset)));

        public bool AreAllIn => _calls.Values.All(calling => calling.IsCompletedSuccessfully && calling.Result is not null);

        /// <summary>Who is in goes, as after a talk.</summary>
        public async Task LeaveAsync()
        {
            foreach (var calling in _calls.Values.Where(calling => calling.IsCompletedSuccessfully))
            {
                if (await calling is { Ended.IsCompleted: false } call)
                    await CrashFlow.LeaveAsync(call);
            }
        }

        /// <summary>Nobody is in or rings any more.</summary>
        public async Task AllEndAsync()
        {
            foreach (var (handset, calling) in _calls)
            {
                if (handset.Trace.Any(record => record is { IsOutgoing: false, Message.Method: "INVITE" })
                    && await Within(calling) is { } call)
                    await Within(call.Ended);
            }
        }

        private static async Task<Call?> AnswerAsync(Handset handset)
        {
            var ringing = await handset.IncomingCalls.ReadAsync(TestContext.Current.CancellationToken);
            await ringing.RingAsync();
            return await ringing.AcceptAsync(new() { Msrp = new() { PreferredSetup = SetupRole.Passive } });
        }
    }
}
