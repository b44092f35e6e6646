using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.3: what one says reaches all others, over MSRP.</summary>
public class MessagesTests(DemoProfile profile) : Flow(profile)
{
    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task Everybodys_message_reaches_the_others_and_not_the_sender(SipProtocol transport)
    {
        var (alice, bob, carol) = await RegisterThree(transport);
        Handset[] all = [alice, bob, carol];
        var group = await Group.StartAsync(alice, [bob, carol]);

        foreach (var speaker in all)
        {
            Assert.Equal(200, await group.SayAsync(speaker, "from " + speaker.Options.User));
            foreach (var listener in all.Where(other => other != speaker))
            {
                var heard = await group.HearAsync(listener);
                Assert.Equal("from " + speaker.Options.User, heard.Text);
                Assert.Equal(speaker.AddressOfRecord, heard.Cpim!.From.Uri);
            }
        }

        Assert.All(all, group.AssertHeardNothing);
    }

    [Fact]
    public async Task A_long_message_streams_through_in_small_chunks()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol], accept: new() { Msrp = new() { MaxSize = null } });
        var content = Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(2 * 1024 * 1024));
        var message = new ArrayBufferWriter<byte>();
        new CpimMessage
        {
            From = new(alice.AddressOfRecord),
            To = [new(group.SessionIdentity)],
            ContentType = "text/plain",
            Content = content,
        }.WriteTo(message);

        var sending = group[alice].Msrp!.SendAsync(
            "message/cpim", message.WrittenMemory, new() { ChunkSize = 128 * 1024 });
        var heard = await Task.WhenAll(group.HearAsync(bob), group.HearAsync(carol));

        Assert.Equal(200, (await Within(sending)).Status);
        Assert.All(heard, each => Assert.True(each.Content.Span.SequenceEqual(content)));
        Assert.All(group[bob].Msrp!.Chunks, chunk => Assert.InRange(chunk.BodyLength, 0, 64 * 1024));
    }

    [Fact]
    public async Task A_message_in_anothers_name_is_refused_and_reaches_nobody()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var sent = await Within(
            group[alice].Msrp!.SendTextAsync(bob.AddressOfRecord, group.SessionIdentity, "I am bob"));
        Assert.Equal(200, await group.SayAsync(alice, "I am alice"));

        Assert.Equal(403, sent.Status);
        Assert.Equal("I am alice", (await group.HearAsync(carol)).Text);
    }

    [Fact]
    public async Task An_empty_SEND_keeps_the_connection_alive()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        Assert.Equal(200, await Within(group[alice].Msrp!.KeepAliveAsync()));
    }

    [Fact]
    public async Task A_success_report_comes_back_when_asked_for()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var sent = await Within(group[alice].Msrp!.SendTextAsync(
            alice.AddressOfRecord, group.SessionIdentity, "arrived?", new() { WantsSuccessReport = true }));
        var report = await Next(group[alice].Msrp!.Reports);

        Assert.Equal((sent.MessageId, 200), (report.MessageId, report.Status));
    }

    [Theory, Trait("Spec", "RFC 4975 7.1.2")]
    [InlineData(FailureReport.No, false, 0), InlineData(FailureReport.No, true, 0)]
    [InlineData(FailureReport.Partial, true, 0), InlineData(FailureReport.Yes, false, 200)]
    public async Task Only_the_answers_and_reports_that_the_sender_wants_come(
        FailureReport failures, bool wantsSuccess, int answer)
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var sent = await Within(group[alice].Msrp!.SendTextAsync(
            alice.AddressOfRecord, group.SessionIdentity, "quietly",
            new() { FailureReport = failures, WantsSuccessReport = wantsSuccess }));

        Assert.Equal(answer, sent.Status);
        Assert.Equal("quietly", (await group.HearAsync(carol)).Text);
        if (wantsSuccess)
            Assert.Equal((sent.MessageId, 200), await ReportAsync());

        // What comes now would be one of the message before.
        Assert.Equal(200, await group.SayAsync(alice, "aloud"));
        Assert.False(group[alice].Msrp!.Reports.TryPeek(out _));

        async Task<(string, int)> ReportAsync()
        {
            var report = await Next(group[alice].Msrp!.Reports);
            return (report.MessageId, report.Status);
        }
    }
}
