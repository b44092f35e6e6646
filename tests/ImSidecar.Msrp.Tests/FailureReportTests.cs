using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 4975 7.1.2: between two, who sent a message learns when the other one did not get it.</summary>
public class FailureReportTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");

    [Fact, Trait("Spec", "RFC 4975 7.1.2")]
    public async Task What_waited_in_vain_for_the_other_to_come_back_is_reported()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        await peers[1].CloseAsync();
        Assert.IsType<MsrpLegLost>(await world.NextEventAsync());
        var body = Peer.Cpim("there?", _alice, SwitchWorld.Aor("bob"));
        await peers[0].SendAsync(body, "m1", new(1, body.Length, body.Length));
        Assert.Equal(200, (await peers[0].ReadAnswerAsync()).Status);

        await world.PassAsync(world.Options.BindTimeout + TimeSpan.FromSeconds(1));
        world.Switch.Supervise();

        var report = await ReadReportAsync(peers[0]);
        Assert.Equal(("m1", 408), (report.Head.MessageId, report.Head.ReportStatus));
        Assert.Equal(new(1, body.Length, body.Length), report.Head.Range);
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.2")]
    public async Task What_the_other_had_not_answered_when_he_was_lost_is_reported_once()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        peers[1].Answers = false;
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Aor("bob"));
        await peers[0].SendAsync(body.AsMemory(0, 1000), "m1", new(1, 1000, body.Length), MsrpFlag.More);
        await peers[0].SendAsync(body.AsMemory(1000), "m1", new(1001, body.Length, body.Length));
        await peers[1].ReadSendAsync();
        await peers[1].ReadSendAsync();

        await peers[1].CloseAsync();

        Assert.Equal("m1", (await ReadReportAsync(peers[0])).Head.MessageId);
        await peers[0].WriteAsync(output => MsrpWriter.WriteKeepAlive(output, peers[0].Paths));
        Assert.Equal(200, (await ReadAsync(peers[0])).Head.Status);
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.1")]
    public async Task A_message_whose_recipient_is_lost_under_way_is_answered_408_and_no_success_is_reported()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Aor("bob"));
        await peers[0].SendAsync(
            body.AsMemory(0, 1000), "m1", new(1, 1000, body.Length), MsrpFlag.More, successReport: true);
        await peers[1].ReadSendAsync();
        await SwitchWorld.BindAsync(peers[1]);
        await peers[1].CloseAsync();
        Assert.IsType<MsrpLegLost>(await world.NextEventAsync());
        var again = world.Connect("bob");
        await SwitchWorld.BindAsync(again);

        var rest = await peers[0].SendAsync(
            body.AsMemory(1000), "m1", new(1001, body.Length, body.Length), successReport: true);

        Assert.Equal(200, (await ReadAsync(peers[0])).Head.Status);
        Assert.Equal(408, (await ReadReportAsync(peers[0])).Head.ReportStatus);
        Assert.Equal((408, rest), await peers[0].ReadAnswerAsync());
        await peers[0].SayAsync("new", _alice, SwitchWorld.Aor("bob"));
        Assert.Equal("new", Peer.Text(await again.ReadSendAsync()));
        Assert.Equal(200, (await ReadAsync(peers[0])).Head.Status);
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.2")]
    public async Task What_the_other_refuses_is_reported_with_his_status()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        peers[1].Answers = false;
        await peers[0].SayAsync("no?", _alice, SwitchWorld.Aor("bob"));
        var refused = await peers[1].ReadSendAsync();

        await peers[1].WriteAsync(output => MsrpWriter.TryWriteResponse(output, refused.Head, 415));

        Assert.Equal(415, (await ReadReportAsync(peers[0])).Head.ReportStatus);
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.1")]
    public async Task What_the_other_does_not_answer_in_time_is_reported()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        peers[1].Answers = false;
        await peers[0].SayAsync("hello?", _alice, SwitchWorld.Aor("bob"));
        await peers[1].ReadSendAsync();

        await world.PassAsync(world.Options.TransactionTimeout + TimeSpan.FromSeconds(1));
        world.Switch.Supervise();

        Assert.Equal(408, (await ReadReportAsync(peers[0])).Head.ReportStatus);
    }

    [Theory, Trait("Spec", "RFC 4975 7.1.2"), Trait("Spec", "RFC 7701 6")]
    [InlineData(FailureReport.No, false), InlineData(FailureReport.Yes, true)]
    public async Task Who_wants_no_report_and_who_speaks_to_a_group_gets_none(FailureReport wanted, bool isGroup)
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync(isGroup ? ["alice", "bob", "carol"] : ["alice", "bob"]);
        peers[1].Answers = false;
        var body = Peer.Cpim("anybody", _alice, SwitchWorld.Group);
        await peers[0].SendAsync(body, "m1", new(1, body.Length, body.Length), failureReport: wanted);
        await peers[1].ReadSendAsync();

        await peers[1].CloseAsync();
        Assert.IsType<MsrpLegLost>(await world.NextEventAsync());

        if (wanted == FailureReport.Yes)
            Assert.Equal(200, (await ReadAsync(peers[0])).Head.Status);
        await peers[0].WriteAsync(output => MsrpWriter.WriteKeepAlive(output, peers[0].Paths));
        Assert.Equal(200, (await ReadAsync(peers[0])).Head.Status);
    }

    private static async Task<MsrpFrame> ReadAsync(Peer peer) => Assert.IsType<MsrpFrame>(await peer.ReadAsync());

    private static async Task<MsrpFrame> ReadReportAsync(Peer peer)
    {
        while (true)
        {
            if (await ReadAsync(peer) is { Head.Method: MsrpMethod.Report } report)
                return report;
        }
    }
}
