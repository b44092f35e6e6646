using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Chat;
using ImSidecar.Client.Commands;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Tests;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>App. D.2 A, steps 4 and 9: a handset is brought what was kept for it. Alice plays the server.</summary>
public class DeferredPushTests
{
    [Fact, Trait("Spec", "IM D.2/A4"), Trait("Spec", "IM D.2/A9")]
    public async Task It_answers_by_itself_and_tells_who_wrote_what_and_when()
    {
        await using var pair = await StartAsync();
        var call = await CallAsync(pair);
        Assert.Contains("a=recvonly", Encoding.UTF8.GetString(call.Answer.SdpBody.Span), StringComparison.Ordinal);

        Assert.Equal(200, await PushAsync(call, "msrp/im-d2-deferred-1.msrp"));
        Assert.Equal(200, await PushAsync(call, "msrp/im-d2-deferred-2.msrp"));

        Assert.Equal("push", (string?)(await NextAsync(pair))["event"]);
        var first = await NextAsync(pair);
        Assert.Equal(("deferred", "message/sip"), ((string?)first["event"], (string?)first["form"]));
        Assert.Equal("sip:alice@example.com", (string?)first["from"]);
        Assert.Equal("2026-11-20T09:30:00.0000000+00:00", (string?)first["time"]);
        Assert.Equal("Watson, come here.", (string?)first["text"]);
        var second = await NextAsync(pair);
        Assert.Equal(("45600001", "Hi, Alice!  I'm Bob!"), ((string?)second["messageId"], (string?)second["text"]));
        await call.ByeAsync();
        Assert.Equal("ended", (string?)(await NextAsync(pair))["event"]);
        Assert.Empty(pair.Bob.Violations);
    }

    [Fact, Trait("Spec", "IM D.2/A8-a")]
    public async Task What_is_brought_again_is_told_as_that()
    {
        await using var pair = await StartAsync();
        var call = await CallAsync(pair);

        await PushAsync(call, "msrp/im-d2-deferred-1.msrp");
        await PushAsync(call, "msrp/im-d2-deferred-1.msrp");

        await NextAsync(pair);
        Assert.Null((await NextAsync(pair))["again"]);
        Assert.True((bool?)(await NextAsync(pair))["again"]);
    }

    [Theory]
    [InlineData("any", "message/cpim message/sip message/sipfrag multipart/mixed"), InlineData("cpim", "message/cpim")]
    public async Task It_says_which_forms_it_takes(string mode, string expected)
    {
        await using var pair = await StartAsync("deferred " + mode);

        var call = await CallAsync(pair);

        Assert.True(SessionDescription.TryParse(call.Answer.SdpBody.Span, out var answer));
        Assert.True(answer.TryFindMsrp(out _, out var media));
        Assert.Equal(expected, string.Join(' ', media.AcceptTypes));
    }

    [Fact]
    public async Task It_may_take_no_MSRP_or_leave_it_to_somebody()
    {
        await using var pair = await StartAsync("deferred refuse");
        var refused = await Assert.ThrowsAsync<CallRefusedException>(() => CallAsync(pair));
        Assert.Equal(488, refused.Response.Status);
        Assert.Equal("push", (string?)(await NextAsync(pair))["event"]);

        await pair.Console.RunAsync("deferred", "ask");
        var calling = CallAsync(pair);
        Assert.Equal("incoming", (string?)(await NextAsync(pair))["event"]);
        await pair.Console.RunAsync("accept", "");
        await Within(calling);

        await Assert.ThrowsAsync<UsageException>(() => pair.Console.RunAsync("deferred", "sometimes"));
    }

    [Fact]
    public async Task It_may_hold_its_answer_and_it_may_die_in_the_middle()
    {
        await using var pair = await StartAsync("deferred hold");
        var holding = await CallAsync(pair);
        Assert.Equal(408, await PushAsync(holding, "msrp/im-d2-deferred-1.msrp"));

        await pair.Console.RunAsync("deferred", "die 1");
        var dying = await CallAsync(pair);
        Assert.Equal(200, await PushAsync(dying, "msrp/im-d2-deferred-1.msrp"));
        Assert.Equal(408, await PushAsync(dying, "msrp/im-d2-deferred-2.msrp"));
    }

    [Fact]
    public async Task A_call_of_a_person_is_announced_as_ever()
    {
        await using var pair = await StartAsync();

        _ = pair.Alice.Invite(pair.Bob.AddressOfRecord, null, HopTo(pair.Bob));

        Assert.Equal("incoming", (string?)(await NextAsync(pair))["event"]);
    }

    [Fact]
    public void CPIM_inside_a_stored_message_is_opened()
    {
        var cpim = Encoding.UTF8.GetString(CpimOf("psst"));
        var text = DeferredText.Of(new(
            "defer-000001", "message/sipfrag;version=2.0",
            Encoding.UTF8.GetBytes(
                "MESSAGE sip:bob@example.com SIP/2.0\r\nFrom: \"Alice\" <sip:alice@example.com>;tag=1\r\n"
                + "Date: Fri, 20 Nov 2026 09:30:00 GMT\r\nContent-Type: message/cpim\r\n\r\n" + cpim),
            1))!;

        Assert.Equal(("psst", "text/plain"), (text.Text, text.ContentType));
        Assert.Equal(("sip:alice@example.com", "Alice"), (text.From, text.Name));
        Assert.Equal(new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero), text.Time);
    }

    [Fact]
    public void A_person_sees_from_whom_it_is_and_since_when_it_waits()
    {
        var output = new StringWriter();
        var printer = new MessagePrinter(new(output, hasColour: false), "sip:bob@example.com");
        var frame = Frame("msrp/im-d2-deferred-1.msrp");

        printer.Show(DeferredText.Of(new("defer-000452", frame.Head.ContentType, frame.Body, 1))!);

        var time = new DateTimeOffset(2026, 11, 20, 9, 30, 0, TimeSpan.Zero).ToLocalTime();
        Assert.Equal(
            FormattableString.Invariant($"<alice, {time:yyyy-MM-dd HH:mm}> Watson, come here.\n"),
            output.ToString());
    }

    private static byte[] CpimOf(string text) => Encoding.UTF8.GetBytes(
        $"From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\n\r\nContent-Type: text/plain\r\n\r\n{text}");

    private static MsrpFrame Frame(string name)
    {
        var buffer = new ReadOnlySequence<byte>(Vectors.Read(name));
        Assert.True(new MsrpFrameReader(64 * 1024).TryRead(ref buffer, out var frame));
        return frame;
    }

    private static async Task<int> PushAsync(Call call, string vector)
    {
        var frame = Frame(vector);
        await Within(call.Msrp!.Connected);
        return (await Within(call.Msrp.SendAsync(
            frame.Head.ContentType, frame.Body, new() { MessageId = frame.Head.MessageId, WantsSuccessReport = true })))
            .Status;
    }

    private static async Task<Call> CallAsync(Pair pair)
    {
        var msrp = DeferredPush.AnyForm with
        {
            OfferedDirection = MediaDirection.SendOnly,
            ResponseTimeout = TimeSpan.FromSeconds(1),
        };
        return await Within(
            pair.Alice.Invite(pair.Bob.AddressOfRecord, new() { Msrp = msrp }, HopTo(pair.Bob)).Answered);
    }

    private static async Task<Pair> StartAsync(string? command = null)
    {
        var (alice, bob, lines) = (Handset("alice"), Handset("bob"), new LineWriter());
        var console = new HandsetConsole(bob, new(lines));
        if (command?.Split(' ', 2) is [var verb, var rest])
            await console.RunAsync(verb, rest);
        return new(alice, bob, console, lines);
    }

    private static async Task<JsonObject> NextAsync(Pair pair) =>
        JsonNode.Parse(await Next(pair.Lines.Lines))!.AsObject();

    private sealed record Pair(
        ImSidecar.Client.Handset Alice, ImSidecar.Client.Handset Bob, HandsetConsole Console, LineWriter Lines)
        : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Alice.DisposeAsync();
            await Console.DisposeAsync();
        }
    }

    private sealed class LineWriter : StringWriter
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public ChannelReader<string> Lines => _lines.Reader;

        public override void WriteLine(string? value) => _lines.Writer.TryWrite(value ?? "");
    }
}
