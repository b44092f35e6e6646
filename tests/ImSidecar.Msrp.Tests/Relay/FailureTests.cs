using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests.Relay;

/// <summary>RFC 4976 6.4: what the sender hears of a SEND that the next hop did not take.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly RelayHost _relay = new(options => options with { ConnectTimeout = TimeSpan.FromSeconds(2) });
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public FailureTests() => _listener.Start();

    private MsrpUri Passive => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port, "passive");

    public void Dispose()
    {
        _listener.Dispose();
        _relay.Dispose();
    }

    [Theory]
    [InlineData(FailureReport.Yes, new[] { 200, 415 })]
    [InlineData(FailureReport.Partial, new[] { 415 })]
    public async Task A_refusal_of_the_next_hop_comes_back_as_a_REPORT(FailureReport wanted, int[] expected)
    {
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");
        bob.Answer = 0;

        await alice.SendAsync(bob.Path, "<x/>"u8.ToArray(), failureReport: wanted);
        await RefuseAsync(bob, await bob.ReadSendAsync(), 415);

        var told = new List<int>();
        MsrpFrame frame;
        do
        {
            frame = await alice.ReadAsync();
            told.Add(frame.Head.Method == MsrpMethod.Report ? frame.Head.ReportStatus : frame.Head.Status);
        }
        while (frame.Head.Method != MsrpMethod.Report);

        Assert.Equal(expected, told);
        Assert.Equal(("m1234", "1-4/4"), (frame.Head.MessageId, frame.Head.Range.ToString()));
        Assert.Equal([alice.Local], frame.Head.ToPath);
        Assert.Equal([alice.UsePath[0]], frame.Head.FromPath);
    }

    [Fact]
    public async Task Who_wants_no_answers_gets_none()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");
        bob.Answer = 0;

        await alice.SendAsync(bob.Path, "1"u8.ToArray(), failureReport: FailureReport.No);
        await RefuseAsync(bob, await bob.ReadSendAsync(), 413);
        await alice.SendAsync(
            [new("127.0.0.1", 9, "nowhere", isSecure: true)], "2"u8.ToArray(), failureReport: FailureReport.No);
        await alice.SendAsync(bob, "3");

        Assert.Equal((MsrpMethod.None, 200), ((await alice.ReadAsync()) is var first
            ? (first.Head.Method, first.Head.Status) : default));
    }

    [Theory, InlineData(FailureReport.Yes, true), InlineData(FailureReport.Partial, false)]
    public async Task A_next_hop_that_does_not_answer_is_told_by_408_to_who_wants_every_answer(
        FailureReport wanted, bool isTold)
    {
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");
        bob.Answer = 0;

        await alice.SendAsync(bob.Path, "Silence"u8.ToArray(), "m1111", failureReport: wanted);
        await bob.ReadSendAsync();
        await _relay.PassAsync(TimeSpan.FromSeconds(31));
        _relay.Server.Supervise();
        bob.Answer = 415;
        await alice.SendAsync(bob.Path, "Then a word"u8.ToArray(), "m2222");
        await bob.ReadSendAsync();

        var report = await alice.ReadReportAsync();
        Assert.Equal(isTold ? ("m1111", 408) : ("m2222", 415), (report.Head.MessageId, report.Head.ReportStatus));
    }

    [Fact]
    public async Task A_next_hop_that_cannot_be_reached_is_408()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var nobody = new ClosedPort();

        await alice.SendAsync([new("127.0.0.1", nobody.Port, "passive")], "Anybody?"u8.ToArray());

        // It may be known before the SEND is whole.
        if (await alice.ReadAnswerAsync() is var status && status != 408)
            Assert.Equal((200, 408), (status, (await alice.ReadReportAsync()).Head.ReportStatus));
    }

    [Fact]
    public async Task Another_request_for_a_next_hop_that_cannot_be_reached_is_answered_408()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var nobody = new ClosedPort();

        var answer = await alice.AskAsync("AUTH", [alice.UsePath[0], new("127.0.0.1", nobody.Port, "passive")]);

        Assert.Equal(408, answer.Head.Status);
        Assert.Equal([alice.Local], answer.Head.ToPath);
    }

    [Fact]
    public async Task A_next_hop_that_dies_fails_what_it_has_not_answered_and_is_connected_to_again()
    {
        using var alice = await _relay.JoinAsync("alice");
        await alice.SendAsync([Passive], "One"u8.ToArray(), "m1111");
        using (var peer = await RelayEnd.AcceptAsync(_listener, Passive))
        {
            peer.Answer = 0;
            await peer.ReadSendAsync();
        }

        var report = await alice.ReadReportAsync();
        Assert.Equal(("m1111", 408), (report.Head.MessageId, report.Head.ReportStatus));

        await alice.SendAsync([Passive], "Two"u8.ToArray(), "m2222");
        using var reborn = await RelayEnd.AcceptAsync(_listener, Passive);
        Assert.Equal("Two", Encoding.UTF8.GetString((await reborn.ReadSendAsync()).Body.Span));
    }

    [Fact]
    public async Task A_report_of_the_other_end_finds_its_way_through_two_relays()
    {
        using var outer = new RelayHost();
        using var alice = await _relay.JoinAsync("alice");
        await alice.JoinAsync(outer.Uri, "alice");
        await alice.SendAsync([Passive], "Far"u8.ToArray());
        using var peer = await RelayEnd.AcceptAsync(_listener, Passive);
        peer.Answer = 0;
        await RefuseAsync(peer, await peer.ReadSendAsync(), 413);

        var report = await alice.ReadReportAsync();

        Assert.Equal(413, report.Head.ReportStatus);
        Assert.Equal(alice.UsePath, report.Head.FromPath);
    }

    [Fact]
    public async Task Each_cut_of_a_chunk_fails_with_its_own_range()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");
        bob.Answer = 413;

        await alice.SendAsync(bob.Path, new byte[150_000], range: new(1, 150_000, 150_000));
        for (var i = 0; i < 3; i++)
            await bob.ReadSendAsync();

        var ranges = new List<string?>();
        for (var i = 0; i < 3; i++)
            ranges.Add((await alice.ReadReportAsync()).Head.Range.ToString());
        Assert.Equal(["1-65536/150000", "65537-131072/150000", "131073-150000/150000"], ranges);
    }

    private static async Task RefuseAsync(RelayEnd end, MsrpFrame frame, int status)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Assert.True(MsrpWriter.TryWriteResponse(output, frame.Head, status));
        await end.WriteAsync(output.WrittenMemory);
    }
}
