using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.FailureAnswers;

/// <summary>
/// The failure answers of IM 7.2.1 on the wire: status, the whole Warning, what must come with it, nothing changed.
/// </summary>
public abstract class FailureFlow(DemoProfile profile) : GroupFlow(profile)
{
    protected const string Nowhere = "sip:aaaaaaaaaaaaaaaaaaaaaaaaaa@im.example.com";
    protected const string NoMsrp = "Only MSRP media that accepts message/cpim is supported";

    private const string NoTls = "MSRP over TLS is not available";

    /// <summary>Offers that no session can be made of.</summary>
    public static TheoryData<string, string> BadOffers => new()
    {
        { "m=message 9 TCP/MSRP *", "m=audio 9 RTP/AVP 0" },
        { "m=message 9 TCP/MSRP *", "m=message 9 TCP/TLS/MSRP *" },
        { "m=message 9 TCP/MSRP *", "m=message 0 TCP/MSRP *" },
        { "accept-types:message/cpim", "accept-types:text/html" },
        { "a=path:msrp://127.0.0.1:9/2s93i93idjkk;tcp", "a=path:nowhere" },
    };

    /// <summary>What the 488 to an offer with this in it says.</summary>
    protected static string ReasonAgainst(string wrong) =>
        wrong.Contains("TLS", StringComparison.Ordinal) ? NoTls : NoMsrp;

    /// <summary>The Warning is ours alone: code 399, our name, that text and no other.</summary>
    protected static void AssertRefused(SipMessage answer, int status, string warning) => Assert.Equal(
        (status, new Warning("im.example.com", warning).ToString()), (answer.Status, answer["Warning"]));

    /// <summary>What a 488 describes, IM 7.2.1.2/6.</summary>
    protected static void AssertTellsWhatIsSupported(SipMessage answer)
    {
        Assert.Equal("application/sdp", answer["Content-Type"]);
        Assert.Contains("m=message 2855 TCP/MSRP *\r\n", answer.Text, StringComparison.Ordinal);
        Assert.Contains("a=accept-types:message/cpim text/plain\r\n", answer.Text, StringComparison.Ordinal);
        Assert.Contains("a=accept-wrapped-types:*\r\n", answer.Text, StringComparison.Ordinal);
    }

    protected static void AssertNobodyRings(params IEnumerable<Handset> handsets) =>
        Assert.All(handsets, handset => Assert.False(handset.IncomingCalls.TryPeek(out _)));

    protected static (string ContentType, ReadOnlyMemory<byte> Body) Sdp(string text) =>
        ("application/sdp", Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")));

    /// <summary>The offer of <see cref="Bodies"/> with something else in the place of something.</summary>
    protected static string Spoiled(string right, string wrong)
    {
        Assert.Contains(right, Bodies.Offer, StringComparison.Ordinal);
        return Bodies.Offer.Replace(right, wrong, StringComparison.Ordinal);
    }

    /// <summary>The session goes on as it was: with these, who all hear what one says.</summary>
    protected static async Task AssertGoesOnAsync(Group group, params IReadOnlyList<Handset> handsets)
    {
        var watching = handsets[0].Subscribe(group.SessionIdentity, new() { Seconds = 0 });
        var roster = (await Within(watching.Terminated)).Roster.Select(user => user.Entity).Order();
        Assert.Equal(handsets.Select(handset => handset.AddressOfRecord).Order(), roster);

        Assert.Equal(200, await group.SayAsync(handsets[0], "still here"));
        foreach (var listener in handsets.Skip(1))
            Assert.Equal("still here", (await group.HearAsync(listener)).Text);
        Assert.All(handsets, handset => Assert.False(group[handset].Ended.IsCompleted));
    }

    protected static Task<SipMessage> AnswerTo(Handset handset, string uri, InviteOptions? options = null) =>
        Within(handset.Invite(uri, options).Final);
}
