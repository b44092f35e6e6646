using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests.Relay;

/// <summary>RFC 4976 6: what a relay does with what is not for itself.</summary>
public sealed class ForwardingTests : IDisposable
{
    private readonly RelayHost _relay = new();

    public void Dispose() => _relay.Dispose();

    [Fact]
    public async Task Two_clients_of_one_relay_talk()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");

        var transaction = await alice.SendAsync(bob, "Fresh snow");
        var got = await bob.ReadSendAsync();

        Assert.Equal("Fresh snow", Encoding.UTF8.GetString(got.Body.Span));
        Assert.Equal([bob.Local], got.Head.ToPath);
        Assert.Equal([bob.UsePath[0], alice.UsePath[0], alice.Local], got.Head.FromPath);
        Assert.NotEqual(transaction, got.Head.TransactionId);
        Assert.Equal(200, await alice.ReadAnswerAsync());

        await bob.SendAsync(alice, "Who drives?");
        Assert.Equal("Who drives?", Encoding.UTF8.GetString((await alice.ReadSendAsync()).Body.Span));
    }

    [Fact]
    public async Task A_peer_without_relay_is_connected_to_and_answers_by_the_path()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var listener = Listen(out var local);

        await alice.SendAsync([local], "Hello"u8.ToArray(), successReport: true);
        using var peer = await RelayEnd.AcceptAsync(listener, local);
        var got = await peer.ReadSendAsync();
        Assert.Equal([alice.UsePath[0], alice.Local], got.Head.FromPath);

        await peer.WriteAsync(
            $"MSRP r1 REPORT\r\nTo-Path: {string.Join(' ', got.Head.FromPath)}\r\nFrom-Path: {local}\r\n"
            + "Message-ID: m1234\r\nByte-Range: 1-5/5\r\nStatus: 000 200 OK\r\n-------r1$\r\n");
        var report = await alice.ReadReportAsync();
        Assert.Equal([alice.Local], report.Head.ToPath);
        Assert.Equal([alice.UsePath[0], local], report.Head.FromPath);
        Assert.Equal(200, report.Head.ReportStatus);
    }

    [Fact]
    public async Task A_peer_that_connected_itself_is_reached_by_its_own_connection()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var peer = await RelayEnd.ConnectAsync(_relay.Port, "peer");

        await peer.SendAsync(alice, "I am here");
        await alice.ReadSendAsync();
        await alice.SendAsync(peer, "So am I");

        Assert.Equal("So am I", Encoding.UTF8.GetString((await peer.ReadSendAsync()).Body.Span));
    }

    [Fact]
    public async Task A_chunk_longer_than_64_KiB_is_cut_with_ranges_that_fit()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");
        var body = Enumerable.Range(0, 300_000).Select(i => (byte)(i % 251)).ToArray();

        await alice.SendAsync(bob.Path, body, range: new(1, null, body.Length));
        var (got, chunks) = await bob.ReadMessageAsync();

        Assert.Equal(body, got);
        Assert.Equal(5, chunks);
        Assert.Equal(200, await alice.ReadAnswerAsync());
    }

    [Fact]
    public async Task A_chunk_that_trickles_goes_on_before_it_is_whole()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");
        var head = $"MSRP abcd SEND\r\nTo-Path: {alice.UsePath[0]} {string.Join(' ', bob.Path)}\r\n"
            + $"From-Path: {alice.Local}\r\nMessage-ID: m9876\r\nByte-Range: 1-*/10\r\n"
            + "Content-Type: text/plain\r\n\r\n";

        await alice.WriteAsync(head + "01234");
        var first = bob.ReadSendAsync();
        while (!first.IsCompleted)
        {
            _relay.Server.Supervise();
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Equal(("1-5/10", MsrpFlag.More), ((await first).Head.Range.ToString(), (await first).Flag));
        await alice.WriteAsync("56789\r\n-------abcd$\r\n");
        var last = await bob.ReadSendAsync();
        Assert.Equal(("6-10/10", MsrpFlag.Last, "56789"), (
            last.Head.Range.ToString(), last.Flag, Encoding.UTF8.GetString(last.Body.Span)));
        Assert.Equal(200, await alice.ReadAnswerAsync());
    }

    [Fact]
    public async Task A_sender_that_goes_within_a_chunk_aborts_what_went_on_already()
    {
        using var bob = await _relay.JoinAsync("bob");
        using (var alice = await _relay.JoinAsync("alice"))
        {
            await alice.WriteAsync(
                $"MSRP abcd SEND\r\nTo-Path: {alice.UsePath[0]} {string.Join(' ', bob.Path)}\r\n"
                + $"From-Path: {alice.Local}\r\nMessage-ID: m9876\r\nContent-Type: text/plain\r\n\r\n"
                + new string('x', 100_000));
            Assert.Equal(MsrpFlag.More, (await bob.ReadSendAsync()).Flag);
        }

        var end = await bob.ReadSendAsync();
        Assert.Equal((MsrpFlag.Abort, 0), (end.Flag, end.Body.Length));
    }

    [Fact]
    public async Task A_body_that_looks_like_frames_is_passed_on_as_a_body()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");
        var text = "\r\n-------abcd$\r\nMSRP abcd SEND\r\n-------\r\n-------a";

        await alice.SendAsync(bob, text);

        Assert.Equal(text, Encoding.UTF8.GetString((await bob.ReadSendAsync()).Body.Span));
    }

    [Fact]
    public async Task Other_methods_and_their_answers_go_by_the_path_under_their_own_transaction()
    {
        using var alice = await _relay.JoinAsync("alice");
        using var bob = await _relay.JoinAsync("bob");

        var id = MsrpIdent.Fresh();
        await alice.WriteAsync(
            $"MSRP {id} NICKNAME\r\nTo-Path: {alice.UsePath[0]} {string.Join(' ', bob.Path)}\r\n"
            + $"From-Path: {alice.Local}\r\nUse-Nickname: \"Al\"\r\n-------{id}$\r\n");
        var asked = await bob.ReadAsync();
        Assert.Equal((MsrpMethod.Nickname, id), (asked.Head.Method, asked.Head.TransactionId));

        await bob.WriteAsync(
            $"MSRP {id} 425 In Use\r\nTo-Path: {string.Join(' ', asked.Head.FromPath)}\r\nFrom-Path: {bob.Local}\r\n"
            + $"-------{id}$\r\n");
        var answer = await alice.ReadAsync();
        Assert.Equal((425, id), (answer.Head.Status, answer.Head.TransactionId));
        Assert.Equal([alice.UsePath[0], bob.UsePath[0], bob.Local], answer.Head.FromPath);
    }

    [Fact]
    public async Task Two_relays_in_a_row_each_side()
    {
        using var outer = new RelayHost();
        using var alice = await _relay.JoinAsync("alice");
        await alice.JoinAsync(outer.Uri, "alice");
        using var bob = await outer.JoinAsync("bob");
        await bob.JoinAsync(_relay.Uri, "bob");

        Assert.Equal([_relay.Port, outer.Port], alice.UsePath.Select(each => each.EffectivePort));
        await alice.SendAsync(bob, "A long way");
        var got = await bob.ReadSendAsync();

        Assert.Equal("A long way", Encoding.UTF8.GetString(got.Body.Span));
        Assert.Equal([bob.Local], got.Head.ToPath);
        Assert.Equal([.. bob.UsePath, .. alice.UsePath.Reverse(), alice.Local], got.Head.FromPath);
        await bob.SendAsync(got.Head.FromPath.Skip(2), "And back"u8.ToArray());
        Assert.Equal("And back", Encoding.UTF8.GetString((await alice.ReadSendAsync()).Body.Span));
    }

    private static TcpListener Listen(out MsrpUri local)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        local = new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, "peer1");
        return listener;
    }
}
