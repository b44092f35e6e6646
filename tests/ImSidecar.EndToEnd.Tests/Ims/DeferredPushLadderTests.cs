using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.Protocol.Mime;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>IM D.2 A Pushing Deferred Messages: a user of another domain writes, every arrow of the figure is on the wire.</summary>
public class DeferredPushLadderTests(TwoDomainsProfile profile) : DomainsFlow(profile)
{
    [Fact]
    [Trait("Spec", "IM D.2/intro-1"), Trait("Spec", "IM D.2/intro-2"), Trait("Spec", "IM D.2/A1")]
    [Trait("Spec", "IM D.2/A2"), Trait("Spec", "IM D.2/A3"), Trait("Spec", "IM D.2/A4"), Trait("Spec", "IM D.2/A5")]
    [Trait("Spec", "IM D.2/A6"), Trait("Spec", "IM D.2/A7"), Trait("Spec", "IM D.2/A8-a")]
    [Trait("Spec", "IM D.2/A8-b"), Trait("Spec", "IM D.2/A8-c"), Trait("Spec", "IM D.2/A8-d")]
    [Trait("Spec", "IM D.2/A9"), Trait("Spec", "IM D.2/A10"), Trait("Spec", "IM D.2/A11")]
    [Trait("Spec", "IM D.2/A12"), Trait("Spec", "IM D.2/A13"), Trait("Spec", "IM D.2/A-NOTE")]
    public async Task What_was_said_while_he_was_away_comes_when_he_registers()
    {
        var (alice, bob) = (await At(A, "alice"), await At(X, "bob"));
        await Within(bob.RegisterAsync(0));

        // Before the figure: two messages are kept.
        var first = await Within(alice.MessageAsync(bob.AddressOfRecord, "one"));
        var second = await Within(alice.MessageAsync(bob.AddressOfRecord, "two"));
        Assert.Equal((202, 202), (first.Status, second.Status));

        // Step 1.
        Assert.Equal(200, (await Within(bob.RegisterAsync())).Status);

        // Steps 2 to 7.
        var push = await Next(bob.IncomingCalls);
        Assert.Contains("sip:deferred@im.x.example.net", push.Invite["P-Asserted-Identity"], StringComparison.Ordinal);
        var call = (await Within(push.AcceptAsync(new() { Msrp = DeferredPush.AnyForm })))!;
        var callId = push.Invite["Call-ID"]!;

        // The core asks his IM server about all that comes for him, which lets its own pass.
        int[] there = [X.ImServer, X.Core, X.ImServer, X.Core, PortOf(bob)];
        await AssertWentAsync(callId, "INVITE", null, there);
        await AssertWentAsync(callId, "ACK", null, there, answer: null);

        // Steps 8 and 9, once for each message.
        foreach (var (text, sent) in new[] { ("one", first), ("two", second) })
        {
            var message = await Next(call.Msrp!.Messages);
            Assert.Equal("message/sip", message.ContentType);
            var read = DeferredText.Of(message)!;
            Assert.Equal((text, DeferredKind.PageMode), (read.Text, read.Item.Kind));
            Assert.Equal((alice.AddressOfRecord, sent["Call-ID"]), (read.From, read.Item.CallId));
            Assert.InRange(read.Time!.Value, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));
            Assert.True(MessageSip.TryParse(message.Body, out var kept));
            Assert.Contains(alice.AddressOfRecord, kept.Headers.First("P-Asserted-Identity"), StringComparison.Ordinal);
            Assert.Contains(bob.AddressOfRecord, kept.Headers.First("To"), StringComparison.Ordinal);
        }

        // Steps 10 to 13.
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        await AssertWentAsync(callId, "BYE", null, there);
    }
}
