using System.Text;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Protocol.Tests.Sdp;

/// <summary>RFC 4975 8, RFC 6135, RFC 7701 8.</summary>
public class MsrpMediaTests
{
    internal static MsrpMedia Ours { get; } = new()
    {
        Port = 2855,
        Path = [new MsrpUri("198.51.100.7", 2855, "k38sn2Qx")],
        AcceptTypes = ["message/cpim"],
        AcceptWrappedTypes = ["text/plain", "message/imdn+xml", "application/im-iscomposing+xml"],
        Setup = SetupRole.Passive,
        ChatRoom = ["nickname", "private-messages"],
        MaxSize = 65536,
    };

    [Fact]
    public void The_example_offer_is_understood()
    {
        var media = Read(Encoding.UTF8.GetString(Vectors.Read("sdp/offer.sdp")));

        Assert.Equal((7394, false, false), (media.Port, media.IsTls, media.IsRejected));
        Assert.Equal("msrp://192.0.2.10:7394/2s93i93idjkk;tcp", Assert.Single(media.Path).ToString());
        Assert.Equal(["message/cpim"], media.AcceptTypes);
        Assert.Equal(["text/plain", "message/imdn+xml", "application/im-iscomposing+xml"], media.AcceptWrappedTypes);
        Assert.Equal(SetupRole.ActPass, media.Setup);
        Assert.Equal(65536, media.MaxSize);
        Assert.Null(media.ChatRoom);
        Assert.Equal(MediaDirection.SendRecv, media.Direction);
    }

    [Fact]
    public void Session_attributes_hold_where_the_media_has_none()
    {
        Assert.True(SessionDescription.TryParse(Vectors.Read("sdp/offer-relay-tls.sdp"), out var offer));
        Assert.True(offer.TryFindMsrp(out _, out var media));

        Assert.True(media.IsTls);
        Assert.Equal(["relay.example.com", "2001:db8::9"], media.Path.Select(uri => uri.Host));
        Assert.Equal((SetupRole.Active, MediaDirection.RecvOnly), (media.Setup, media.Direction));
        Assert.Empty(media.ChatRoom!);
        Assert.Null(media.MaxSize);
    }

    [Theory]
    [InlineData("a=setup:unknown")]
    [InlineData("a=setup")]
    [InlineData("a=setupactive")]
    public void An_unknown_setup_counts_as_absent(string line) => Assert.Null(Read(Minimal(line)).Setup);

    [Theory]
    [InlineData("a=max-size:none", null)]
    [InlineData("a=max-size:-5", null)]
    [InlineData("a=max-size: 12", 12L)]
    [InlineData("a=max-size:99999999999999999999999", long.MaxValue)]
    public void Max_size_is_a_hint(string line, long? size) => Assert.Equal(size, Read(Minimal(line)).MaxSize);

    [Theory]
    [InlineData("m=message 0 TCP/MSRP *\r\na=path:msrp://h:1/s;tcp\r\n")]
    [InlineData("m=message 9 TCP/MSRP *\r\n")]
    [InlineData("m=message 9 TCP/MSRP *\r\na=path:msrp://h:1/s\r\n")]
    [InlineData("m=audio 9 RTP/AVP 0\r\na=path:msrp://h:1/s;tcp\r\n")]
    [InlineData("m=message 9 UDP/MSRP *\r\na=path:msrp://h:1/s;tcp\r\n")]
    [InlineData("")]
    public void Without_a_usable_stream_nothing_is_found(string media)
    {
        var text = "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\n" + media;
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out var description));

        Assert.False(description.TryFindMsrp(out var index, out _));
        Assert.Equal(-1, index);
    }

    [Fact]
    public void An_endless_type_list_is_refused()
    {
        var types = string.Join(' ', Enumerable.Repeat("text/plain", 65));
        var text = Minimal("a=accept-types:" + types);

        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out var description));
        Assert.False(description.TryFindMsrp(out _, out _));
    }

    [Theory]
    [InlineData("text/plain", false, true)]
    [InlineData("TEXT/plain", false, true)]
    [InlineData("message/CPIM", true, true)]
    [InlineData("image/png", true, true)]
    [InlineData("application/x", false, false)]
    public void Types_match_without_case_and_with_wildcards(string type, bool plain, bool wrapped)
    {
        var media = Read(Minimal(
            "a=accept-types:message/cpim;x=1 image/*\r\na=accept-wrapped-types:text/plain"));

        Assert.Equal((plain, wrapped), (media.Accepts(type), media.AcceptsWrapped(type)));
    }

    [Fact]
    public void A_star_accepts_everything() =>
        Assert.True(Read(Minimal("a=accept-types:*")).Accepts("application/anything"));

    [Fact]
    public void Two_are_equal_when_they_say_the_same()
    {
        var bytes = Vectors.Read("sdp/answer-chatroom.sdp");
        Assert.True(SessionDescription.TryParse(bytes, out var description));
        Assert.True(description.TryFindMsrp(out _, out var read));

        Assert.Equal(Ours, read);
        Assert.Equal(Ours.GetHashCode(), read.GetHashCode());
        Assert.NotEqual(Ours, read with { ChatRoom = [] });
        Assert.NotEqual(read with { ChatRoom = null }, read with { ChatRoom = [] });
        Assert.NotEqual(Ours, read with { AcceptTypes = ["*"] });
        Assert.NotEqual(Ours, read with { Path = [new MsrpUri("198.51.100.7", 2855, "other")] });
    }

    private static string Minimal(string line) =>
        "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\na=path:msrp://h:1/s;tcp\r\n" + line;

    private static MsrpMedia Read(string text)
    {
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out var description));
        Assert.True(description.TryFindMsrp(out _, out var media));
        return media;
    }
}
