using System.Collections.Immutable;
using System.Text;
using System.Threading.Channels;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Deferred;
using ImSidecar.Server.Options;
using ImSidecar.Server.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Settings = Microsoft.Extensions.Options.Options;

namespace ImSidecar.Server.Tests.Deferred;

/// <summary>App. D.2, steps 8 and 9: one message after the other, and none leaves the store unconfirmed.</summary>
public sealed class DeliveryRunnerTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private static readonly OperatorPolicy _policy = new()
    {
        ConferenceFactory = Uri("sip:conf-factory@im.example.com"),
        ReleaseVersion = "IM-serv/OMA1.0 ImSidecar/test",
        MsrpHost = "127.0.0.1",
        MsrpPort = 2855,
    };

    private readonly MemoryDeferredMessages _store = new();
    private readonly ScriptedLink.RecordingSwitch _switch = new();
    private readonly ManualTime _time = new();
    private readonly Channel<DeliveryOutcome> _ended = Channel.CreateUnbounded<DeliveryOutcome>();
    private readonly Dictionary<MsrpMessage, string> _sessions = new(ReferenceEqualityComparer.Instance);
    private DeliveryRunner? _runner;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DeliveryRunner Runner => _runner ??= Start(new());

    public void Dispose() => _runner?.Dispose();

    [Fact, Trait("Spec", "IM D.2/A8-a"), Trait("Spec", "IM D.2/A9"), Trait("Spec", "IM D.2/A-NOTE")]
    public async Task Messages_go_in_order_and_each_leaves_the_store_before_the_next_goes()
    {
        await KeepAsync("bob", "one", "two", "three");
        await KeepAsync("carol", "not his");

        Begin();

        foreach (var text in new[] { "one", "two", "three" })
        {
            var message = await NextAsync();
            Assert.Equal(("message/sip", text), (message.ContentType, Text(message)));
            Assert.True(message.SuccessReport);
            Assert.Equal(text, Text(_store.Messages[0]));
            Assert.False(_switch.Sent.Reader.TryPeek(out _));
            Settle(message, 200);
        }

        Assert.Equal(DeliveryOutcome.Drained, await EndAsync());
        Assert.Equal("not his", Text(Assert.Single(_store.Messages)));
    }

    [Fact]
    public async Task As_many_as_the_window_allows_are_under_way_and_leave_in_order()
    {
        _runner = Start(new() { Window = 3 });
        await KeepAsync("bob", "one", "two", "three", "four");
        Begin();

        var sent = new List<MsrpMessage> { await NextAsync(), await NextAsync(), await NextAsync() };
        await PauseAsync();
        Assert.False(_switch.Sent.Reader.TryPeek(out _));
        Settle(sent[1], 200);
        Settle(sent[2], 200);
        await PauseAsync();
        Assert.Equal(4, _store.Messages.Count);
        Settle(sent[0], 200);
        Settle(await NextAsync(), 200);

        Assert.Equal(DeliveryOutcome.Drained, await EndAsync());
        Assert.Empty(_store.Messages);
    }

    [Fact]
    public async Task What_was_confirmed_behind_one_that_was_not_is_not_brought_again()
    {
        _runner = Start(new() { Window = 3 });
        await KeepAsync("bob", "one", "two", "three");
        Begin();
        var sent = new List<MsrpMessage> { await NextAsync(), await NextAsync(), await NextAsync() };

        Settle(sent[1], 200);
        Settle(sent[0], 0);
        Settle(sent[2], 0);

        Assert.Equal(DeliveryOutcome.Lost, await EndAsync());
        Assert.Equal(["one", "three"], _store.Messages.Select(Text));
    }

    [Theory]
    [InlineData(400), InlineData(413), InlineData(415), InlineData(501)]
    public async Task A_message_that_is_refused_is_tried_in_its_other_forms_and_then_stays(int status)
    {
        await KeepAsync("bob", "one", "two");
        Begin();

        var types = new List<string>();
        for (var form = 0; form < 3; form++)
        {
            var message = await NextAsync();
            types.Add(message.ContentType);
            Assert.Equal("defer-000001", message.MessageId);
            Settle(message, status);
        }

        Settle(await NextAsync(), 200);

        Assert.Equal(["message/sip", "message/sipfrag;version=2.0", "message/cpim"], types);
        Assert.Equal(DeliveryOutcome.Unsuited, await EndAsync());
        Assert.Equal("one", Text(Assert.Single(_store.Messages)));
    }

    [Fact]
    public async Task A_client_that_takes_the_second_form_gets_it_once()
    {
        await KeepAsync("bob", "one");
        Begin();

        Settle(await NextAsync(), 415);
        Settle(await NextAsync(), 200);

        Assert.Equal(DeliveryOutcome.Drained, await EndAsync());
        Assert.Empty(_store.Messages);
    }

    [Fact]
    public async Task What_the_client_takes_in_no_form_is_not_sent()
    {
        await KeepAsync("bob", "one");

        Begin(media => media with { AcceptTypes = ["text/plain"] });

        Assert.Equal(DeliveryOutcome.Unsuited, await EndAsync());
        Assert.False(_switch.Sent.Reader.TryPeek(out _));
        Assert.Single(_store.Messages);
    }

    [Theory]
    [InlineData(0, DeliveryOutcome.Lost), InlineData(408, DeliveryOutcome.Lost), InlineData(481, DeliveryOutcome.Lost)]
    [InlineData(403, DeliveryOutcome.Refused)]
    public async Task What_ends_a_delivery_leaves_the_rest_where_it_is_and_the_next_one_goes_on_there(
        int status, DeliveryOutcome expected)
    {
        await KeepAsync("bob", "one", "two", "three");
        Begin();
        Settle(await NextAsync(), 200);
        var second = await NextAsync();
        Settle(second, status);
        Assert.Equal(expected, await EndAsync());
        Assert.Equal(["two", "three"], _store.Messages.Select(Text));

        Begin();

        var again = await NextAsync();
        Assert.Equal((second.MessageId, "two"), (again.MessageId, Text(again)));
    }

    [Fact, Trait("Spec", "RFC 4976 5.1")]
    public async Task Behind_a_relay_a_message_is_confirmed_by_its_report()
    {
        await KeepAsync("bob", "one", "two");
        Begin(media => media with { RemotePath = ["msrp://relay.example.com/r;tcp", "msrp://192.0.2.9:9/b;tcp"] });

        var first = await NextAsync();
        Settle(first, 200);
        await PauseAsync();
        Assert.Equal(2, _store.Messages.Count);
        Report(first, 200);

        // The report may overtake the answer.
        var second = await NextAsync();
        Report(second, 200);
        await PauseAsync();
        Assert.Single(_store.Messages);
        Settle(second, 200);

        Assert.Equal(DeliveryOutcome.Drained, await EndAsync());
        Assert.Empty(_store.Messages);
    }

    [Fact, Trait("Spec", "RFC 4976 5.1")]
    public async Task Behind_a_relay_what_is_not_reported_is_not_confirmed()
    {
        await KeepAsync("bob", "one");
        Begin(media => media with { RemotePath = ["msrp://relay.example.com/r;tcp", "msrp://192.0.2.9:9/b;tcp"] });
        Settle(await NextAsync(), 200);
        await UntilAsync(() => _time.Waiting > 0);

        _time.Advance(new MsrpOptions().TransactionTimeout);

        Assert.Equal(DeliveryOutcome.Lost, await EndAsync());
        Assert.Single(_store.Messages);
    }

    [Fact, Trait("Spec", "IM D.2/A8-a")]
    public async Task One_session_brings_the_messages_of_a_user()
    {
        await KeepAsync("bob", "one");
        Begin();
        var message = await NextAsync();

        Begin(media => media with { SessionId = "s2" });
        Assert.Equal(DeliveryOutcome.Busy, await EndAsync());

        Settle(message, 200);
        Assert.Equal(DeliveryOutcome.Drained, await EndAsync());
        Assert.False(_switch.Sent.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task Who_is_told_to_look_again_does_so_before_it_ends_and_ends_once()
    {
        await KeepAsync("bob", "one");
        Begin(only: 1);
        var one = await NextAsync();
        await KeepAsync("bob", "two", "three");
        Begin(only: 2);
        Begin(only: 3);
        Settle(one, 200);

        var two = await NextAsync();
        Settle(two, 200);
        var three = await NextAsync();
        Settle(three, 200);

        Assert.Equal(("two", "three"), (Text(two), Text(three)));
        Assert.Equal(DeliveryOutcome.Drained, await EndAsync());
        Assert.False(_ended.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task Only_what_was_asked_for_goes_and_nothing_that_has_expired()
    {
        await KeepAsync("bob", "one", "two", "three", "four");
        await KeepAsync("carol", "not his");
        Begin(only: [4, 2, 2, 5, 99]);

        var two = await NextAsync();
        Settle(two, 200);
        var four = await NextAsync();
        Settle(four, 200);

        Assert.Equal(("two", "four"), (Text(two), Text(four)));
        Assert.Equal(DeliveryOutcome.Drained, await EndAsync());
        _time.Advance(TimeSpan.FromDays(8));
        Begin();
        Assert.Equal(DeliveryOutcome.Drained, await EndAsync());
        Begin(only: 1);
        Assert.Equal(DeliveryOutcome.Drained, await EndAsync());
        Assert.False(_switch.Sent.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_ends_it_and_nothing_more_goes()
    {
        await KeepAsync("bob", "one", "two");
        Begin();
        var message = await NextAsync();

        _store.Fails = true;
        Settle(message, 200);

        Assert.Equal(DeliveryOutcome.StoreUnavailable, await EndAsync());
        Assert.False(_switch.Sent.Reader.TryPeek(out _));
        Begin();
        Assert.Equal(DeliveryOutcome.StoreUnavailable, await EndAsync());
    }

    [Fact]
    public async Task Without_a_leg_nothing_is_brought()
    {
        await KeepAsync("bob", "one");

        Runner.Begin(new("bob", Media("gone"), []), outcome => _ended.Writer.TryWrite(outcome));

        Assert.Equal(DeliveryOutcome.Lost, await EndAsync());
        Assert.Single(_store.Messages);
    }

    [Fact]
    public async Task A_node_that_stops_ends_no_delivery_for_the_next_one_resumes_it()
    {
        await KeepAsync("bob", "one", "two");
        Begin();
        Settle(await NextAsync(), 200);
        var second = await NextAsync();

        await Runner.StoppingAsync(Cancel).WaitAsync(_patience, Cancel);
        Settle(second, 0);
        Begin();

        await PauseAsync();
        Assert.False(_ended.Reader.TryPeek(out _));
        Assert.Equal("two", Text(Assert.Single(_store.Messages)));
    }

    [Theory]
    [InlineData(2000, 100), InlineData(100, 80_000)]
    public async Task Many_are_brought_theirs_at_once(int users, int size)
    {
        for (var i = 0; i < users; i++)
            await KeepAsync("user" + i, new string('x', size), "last");

        for (var i = 0; i < users; i++)
        {
            var media = Media("session" + i);
            Open(media.SessionId);
            Runner.Begin(new("user" + i, media, []), outcome => _ended.Writer.TryWrite(outcome));
        }

        for (var left = users * 2; left > 0; left--)
            Settle(await NextAsync(), 200);

        for (var left = users; left > 0; left--)
            Assert.Equal(DeliveryOutcome.Drained, await EndAsync());
        Assert.Empty(_store.Messages);
    }

    private DeliveryRunner Start(DeferredOptions options) => new(
        _store, _switch, _policy, Settings.Create(options), Settings.Create(new MsrpOptions()), _time,
        NullLogger<DeliveryRunner>.Instance);

    private void Begin(params ImmutableArray<long> only) => Begin(media => media, only);

    private void Begin(Func<LegMedia, LegMedia> change, params ImmutableArray<long> only)
    {
        var media = change(Media("s1"));
        Open(media.SessionId);
        Runner.Begin(new("bob", media, only), outcome => _ended.Writer.TryWrite(outcome));
    }

    private void Open(string session) => _switch.OpenLegAsync(new()
    {
        SessionId = session,
        BridgeId = "ds-1",
        LocalUri = new("127.0.0.1", 2855, session),
        Identities = [],
        EndsHere = true,
    }).AsTask().GetAwaiter().GetResult();

    private static LegMedia Media(string session) => new()
    {
        SessionId = session,
        LocalUri = $"msrp://127.0.0.1:2855/{session};tcp",
        RemotePath = ["msrp://192.0.2.9:9/b;tcp"],
        AcceptTypes = ["*"],
        DescriptionId = 1,
    };

    private async Task KeepAsync(string user, params string[] texts)
    {
        foreach (var text in texts)
        {
            var now = _time.GetUtcNow();
            var head = $"MESSAGE sip:{user}@example.com SIP/2.0\r\nVia: SIP/2.0/TCP pc1\r\nMax-Forwards: 70\r\n"
                + $"From: <sip:alice@example.com>;tag=1\r\nTo: <sip:{user}@example.com>\r\n"
                + "Call-ID: 1\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n\r\n";
            await _store.AddAsync(
                new()
                {
                    User = user,
                    Key = Guid.NewGuid().ToString(),
                    Recipient = Uri($"sip:{user}@example.com"),
                    Sender = Uri("sip:alice@example.com"),
                    ReceivedAt = now,
                    ExpiresAt = now.AddDays(7),
                    Content = new(Encoding.UTF8.GetBytes(head + text), default),
                },
                DeferralQuota.None, CancellationToken.None);
        }
    }

    // For what must not happen.
    private static Task PauseAsync() => Task.Delay(20, Cancel);

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(_patience);
        while (!isSo())
            await Task.Delay(1, patience.Token);
    }

    private async Task<MsrpMessage> NextAsync()
    {
        var (session, message) = await _switch.Sent.Reader.ReadAsync(Cancel).AsTask().WaitAsync(_patience, Cancel);
        _sessions[message] = session;
        return message;
    }

    private void Settle(MsrpMessage message, int status) =>
        Runner.On(new MsrpMessageSettled(_sessions[message], "ds-1", message.MessageId, status));

    private void Report(MsrpMessage message, int status) =>
        Runner.On(new MsrpMessageReported(_sessions[message], "ds-1", message.MessageId, status));

    private async Task<DeliveryOutcome> EndAsync() =>
        await _ended.Reader.ReadAsync(Cancel).AsTask().WaitAsync(_patience, Cancel);

    private static string Text(MsrpMessage message)
    {
        Assert.True(DeferredReader.TryRead(message.ContentType, message.Body, out var item));
        return Encoding.UTF8.GetString(item.Content.Span);
    }

    private static string Text(DeferredMessage message) =>
        MessageSip.TryParse(message.Content.Sip, out var sip) ? Encoding.UTF8.GetString(sip.Body.Span) : "";

    private static SipUri Uri(string text) =>
        SipUri.TryParse(text, out var uri) ? uri : throw new FormatException(text);
}
