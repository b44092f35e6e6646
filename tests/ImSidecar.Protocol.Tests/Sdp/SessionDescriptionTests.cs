using System.Text;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Protocol.Tests.Sdp;

/// <summary>RFC 4566, RFC 4975 8, RFC 3264 6.</summary>
public class SessionDescriptionTests
{
    public static TheoryData<string> Documents => [.. Vectors.Names("sdp", "*.sdp")];

    [Theory, MemberData(nameof(Documents))]
    public void Every_vector_is_written_back_byte_for_byte(string name)
    {
        var bytes = Vectors.Read(name);

        Assert.True(SessionDescription.TryParse(bytes, out var description));

        Assert.Equal(bytes, description.ToBytes());
    }

    [Theory, MemberData(nameof(Documents))]
    public void Line_feeds_alone_and_a_missing_last_line_end_are_accepted(string name)
    {
        var bytes = Vectors.Read(name);
        var bare = Encoding.UTF8.GetString(bytes).Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');

        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(bare), out var description));

        Assert.Equal(bytes, description.ToBytes());
    }

    [Theory, MemberData(nameof(Documents))]
    public void Damaged_text_never_throws(string name)
    {
        foreach (var spoiled in Damage.Of(Vectors.Read(name)))
            if (SessionDescription.TryParse(spoiled, out var description))
            {
                description.TryFindMsrp(out _, out _);
                Assert.True(SessionDescription.TryParse(description.ToBytes(), out var again));
                Assert.Equal(description.ToString(), again.ToString());
            }
    }

    [Theory]
    [InlineData("")]
    [InlineData("v=1\r\no=- 1 1 IN IP4 h\r\n")]
    [InlineData("v=0\r\n")]
    [InlineData("v=0\r\no=- one 1 IN IP4 h\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nnonsense\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\ns=a\rb\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nm=message 1\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nm=message 65536 TCP/MSRP *\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nm=message -1 TCP/MSRP *\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 1/x RTP/AVP 0\r\n")]
    public void What_is_no_description_is_refused(string text) =>
        Assert.False(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Size_lines_and_media_are_bounded()
    {
        const string head = "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\n";

        Assert.True(Parses(head + Repeat("m=message 1 TCP/MSRP *\r\n", 32)));
        Assert.False(Parses(head + Repeat("m=message 1 TCP/MSRP *\r\n", 33)));
        Assert.False(Parses(head + Repeat("a=x\r\n", 1000)));
        Assert.False(Parses(head + "a=" + new string('x', 65_536)));
    }

    [Fact]
    public void An_answer_keeps_the_offers_lines_and_refuses_all_but_one()
    {
        Assert.True(SessionDescription.TryParse(Vectors.Read("sdp/offer-relay-tls.sdp"), out var offer));
        Assert.True(offer.TryFindMsrp(out var index, out var theirs));
        var ours = MsrpMediaTests.Ours with { IsTls = theirs.IsTls, Direction = MediaDirection.SendOnly };

        var answer = SessionDescription.Answer(offer, 3001, 2, "198.51.100.7", index, ours);

        Assert.Equal(2, index);
        Assert.Equal(
            ["m=audio 0 RTP/AVP 0 8", "m=message 0 TCP/MSRP *", "m=message 2855 TCP/TLS/MSRP *"],
            answer.Media.Select(media => media.ToString()));
        Assert.True(SessionDescription.TryParse(answer.ToBytes(), out var read));
        Assert.True(read.TryFindMsrp(out var readIndex, out var taken));
        Assert.Equal((2, MediaDirection.SendOnly, true), (readIndex, taken.Direction, taken.IsTls));
    }

    [Fact]
    public void Our_offer_is_the_text_of_the_example()
    {
        var example = Encoding.UTF8.GetString(Vectors.Read("sdp/offer.sdp"))
            .Replace("o=alice ", "o=- ", StringComparison.Ordinal);
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(example), out var read));
        Assert.True(read.TryFindMsrp(out _, out var media));

        var offer = SessionDescription.Offer(2890844526, 2890844526, "192.0.2.10", media);

        Assert.Equal(example, offer.ToString());
    }

    [Fact]
    public void Our_answer_is_the_text_of_the_example()
    {
        Assert.True(SessionDescription.TryParse(Vectors.Read("sdp/offer.sdp"), out var offer));

        var answer = SessionDescription.Answer(offer, 3001, 1, "198.51.100.7", 0, MsrpMediaTests.Ours);

        Assert.Equal(Encoding.UTF8.GetString(Vectors.Read("sdp/answer-chatroom.sdp")), answer.ToString());
    }

    [Fact]
    public void An_answer_repeats_the_time_of_the_offer()
    {
        var text = "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=3034423619 3042462419\r\nm=message 9 TCP/MSRP *\r\n"u8;
        Assert.True(SessionDescription.TryParse(text, out var offer));

        var answer = SessionDescription.Answer(offer, 1, 1, "2001:db8::1", 0, MsrpMediaTests.Ours);

        Assert.Equal("3034423619 3042462419", answer.Timing);
        Assert.Equal("- 1 1 IN IP6 2001:db8::1", answer.Origin.ToString());
        Assert.Equal("2001:db8::1", answer.ConnectionAddress);
    }

    [Fact]
    public void Session_lines_have_names()
    {
        Assert.True(SessionDescription.TryParse(Vectors.Read("sdp/offer-relay-tls.sdp"), out var offer));

        Assert.Equal("Chat été", offer.SessionName);
        Assert.Equal("With audio, a relay and TLS", offer.Information);
        Assert.Equal(("bob", "1", "2"), (offer.Origin.UserName, offer.Origin.SessionId, offer.Origin.Version));
        Assert.Equal("active", offer.Attribute("setup"));
        Assert.Equal("192.0.2.77", offer.Media[2].ConnectionAddress);
        Assert.Null(offer.Media[0].ConnectionAddress);
        Assert.Equal(2, offer.Media[0].PortCount);
    }

    private static bool Parses(string text) => SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out _);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
