using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Tests.Msrp;

/// <summary>RFC 4975 6 and 6.1.</summary>
public class MsrpUriTests
{
    [Theory]
    [InlineData("msrp://192.0.2.10:7394/2s93i93idjkk;tcp", false, "192.0.2.10", 7394, "2s93i93idjkk", "tcp")]
    [InlineData("msrps://alice@im.example.com/a+b=c/d;tcp;x=y;z", true, "im.example.com", null, "a+b=c/d", "tcp")]
    [InlineData("msrp://[2001:db8::1]:9/s1;ws", false, "2001:db8::1", 9, "s1", "ws")]
    [InlineData("MSRP://relay.example.com:2855;tcp", false, "relay.example.com", 2855, null, "tcp")]
    public void Parts_are_read_and_the_text_is_written_back(
        string text, bool isSecure, string host, int? port, string? sessionId, string transport)
    {
        Assert.True(MsrpUri.TryParse(text, out var uri));

        Assert.Equal(isSecure, uri.IsSecure);
        Assert.Equal((host, port, sessionId, transport), (uri.Host, uri.Port, uri.SessionId, uri.Transport));
        Assert.Equal(text, uri.ToString());
        Assert.True(MsrpUri.TryParse(Encoding.ASCII.GetBytes(text), out var fromBytes));
        Assert.Equal(uri, fromBytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("msrp")]
    [InlineData("msrp://")]
    [InlineData("sip:alice@example.com")]
    [InlineData("msrp://host:1/s")]
    [InlineData("msrp://host:1/;tcp")]
    [InlineData("msrp://host:1/s;")]
    [InlineData("msrp://host:1/s;tcp;")]
    [InlineData("msrp://host:1/s;t cp")]
    [InlineData("msrp://host:65536/s;tcp")]
    [InlineData("msrp://host:/s;tcp")]
    [InlineData("msrp://host:-1/s;tcp")]
    [InlineData("msrp://:7/s;tcp")]
    [InlineData("msrp://ho st:7/s;tcp")]
    [InlineData("msrp://[::1:7/s;tcp")]
    [InlineData("msrp://[]:7/s;tcp")]
    [InlineData("msrp://[[::1]:7/s;tcp")]
    [InlineData("msrp://[[::1]]:7/s;tcp")]
    [InlineData("msrp://[::1]7/s;tcp")]
    [InlineData("msrp://::1/s;tcp")]
    [InlineData("msrp://a@b@host:7/s;tcp")]
    [InlineData("msrp://user name@host:7/s;tcp")]
    [InlineData("msrp://[192.0.2.1]:7/s;tcp")]
    [InlineData("msrp://[::1%25eth0]:7/s;tcp")]
    [InlineData("msrp://host:7/s\r\n;tcp")]
    [InlineData("msrp://host:7/s%20;tcp")]
    [InlineData("msrp://hÖst:7/s;tcp")]
    [InlineData("msrp://h%0d%0aost:7/s;tcp")]
    public void Malformed_text_is_refused(string text)
    {
        Assert.False(MsrpUri.TryParse(text, out _));
        Assert.False(MsrpUri.TryParse(Encoding.Latin1.GetBytes(text), out _));
    }

    [Theory, Trait("Spec", "RFC 4975 6.1")]
    [InlineData("msrp://host:7/s;tcp", "MSRP://HOST:7/s;TCP", true)]
    [InlineData("msrp://host:7/s;tcp", "msrp://alice@host:7/s;tcp", true)]
    [InlineData("msrp://host:7/s;tcp", "msrp://h%6Fst:7/s;tcp", true)]
    [InlineData("msrp://host:7/s;tcp", "msrp://host:7/s;tcp;param", true)]
    [InlineData("msrp://[2001:db8::1]:7/s;tcp", "msrp://[2001:DB8:0::1]:7/s;tcp", true)]
    [InlineData("msrp://host:7/s;tcp", "msrp://host:07/s;tcp", true)]
    [InlineData("msrp://host:7/s;tcp", "msrps://host:7/s;tcp", false)]
    [InlineData("msrp://host:7/s;tcp", "msrp://host:7/S;tcp", false)]
    [InlineData("msrp://host:7/s;tcp", "msrp://host:7/s;ws", false)]
    [InlineData("msrp://host:7/s;tcp", "msrp://host:8/s;tcp", false)]
    [InlineData("msrp://host:2855/s;tcp", "msrp://host/s;tcp", false)]
    [InlineData("msrp://host:7/s;tcp", "msrp://host:7;tcp", false)]
    [InlineData("msrp://host:7/s;tcp", "msrp://other:7/s;tcp", false)]
    public void Two_uris_compare_by_the_rules_of_the_rfc(string left, string right, bool equal)
    {
        Assert.True(MsrpUri.TryParse(left, out var a));
        Assert.True(MsrpUri.TryParse(right, out var b));

        Assert.Equal(equal, a == b);
        Assert.Equal(equal, a.GetHashCode() == b.GetHashCode() && a.Equals(b));
    }

    [Fact]
    public void A_built_uri_is_what_a_parsed_one_is()
    {
        Assert.Equal("msrp://192.0.2.1:2855/k38sn2Qx;tcp", new MsrpUri("192.0.2.1", 2855, "k38sn2Qx").ToString());
        Assert.Equal("msrps://[::1]/k;tcp", new MsrpUri("::1", null, "k", isSecure: true).ToString());
        Assert.Equal(2855, new MsrpUri("::1", null, "k").EffectivePort);
        Assert.Throws<ArgumentException>(() => new MsrpUri("bad host", 1, "k"));
    }

    [Theory]
    [InlineData("msrps://alice@im.example.com:2855/a+b=c/d;tcp;x=y;z")]
    [InlineData("msrp://[2001:db8::1]:9/s1;ws")]
    public void Damaged_text_never_throws(string text)
    {
        foreach (var spoiled in Damage.Of(Encoding.ASCII.GetBytes(text)))
            if (MsrpUri.TryParse(spoiled, out var uri))
            {
                Assert.Equal(spoiled, Encoding.ASCII.GetBytes(uri.ToString()));
                Assert.Equal(uri, new MsrpUri(uri.Host, uri.Port, uri.SessionId, uri.Transport, uri.IsSecure));
            }
    }

    [Fact]
    public void A_path_keeps_its_order_and_is_bounded()
    {
        var two = "msrp://relay.example.com:2855/r;tcp msrp://host:7/s;tcp"u8;

        Assert.True(MsrpUri.TryParsePath(two, out var path));
        Assert.Equal(["r", "s"], path.Select(uri => uri.SessionId));

        Assert.False(MsrpUri.TryParsePath(""u8, out _));
        Assert.False(MsrpUri.TryParsePath("msrp://host:7/s;tcp junk"u8, out _));
        Assert.False(MsrpUri.TryParsePath(
            Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Repeat("msrp://h:7/s;tcp", 17))), out _));
        Assert.False(MsrpUri.TryParse("msrp://h:7/" + new string('s', 2000) + ";tcp", out _));
    }
}
