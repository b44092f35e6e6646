using System.Text;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Protocol.Tests.Sdp;

/// <summary>RFC 8122, RFC 6714: what a description says of certificate and address.</summary>
public class SecureMediaTests
{
    private static readonly string _bytes = string.Join(':', Enumerable.Repeat("AB", 32));

    [Fact]
    public void TLS_fingerprints_and_CEMA_are_written_as_they_are_read()
    {
        var media = Read($"a=fingerprint:SHA-256 {_bytes}\r\na=fingerprint:SHA-1 AB:CD\r\na=msrp-cema\r\n")!;

        Assert.True(media is { IsTls: true, IsCema: true, Address: "192.0.2.7" });
        Assert.Equal(["SHA-256 " + _bytes, "SHA-1 AB:CD"], media.Fingerprints);
        Assert.True(SessionDescription.TryParse(
            SessionDescription.Offer(1, 1, "192.0.2.7", media).ToBytes(), out var written));
        Assert.True(written.TryFindMsrp(out _, out var again));
        Assert.Equal(media, again);
        Assert.NotEqual(media, again with { Fingerprints = [] });
        Assert.NotEqual(media, again with { IsCema = false });
    }

    [Fact]
    public void The_fingerprint_of_the_session_is_that_of_media_without_one()
    {
        Assert.Equal(["sha-256 " + _bytes], Read("", $"a=fingerprint:sha-256 {_bytes.ToLowerInvariant()}\r\n")!.Fingerprints);
        Assert.Equal(["SHA-1 AB"], Read("a=fingerprint:SHA-1 AB\r\n", $"a=fingerprint:SHA-256 {_bytes}\r\n")!.Fingerprints);
    }

    [Theory]
    [InlineData("a=fingerprint:")]
    [InlineData("a=fingerprint")]
    [InlineData("a=fingerprint:SHA-256")]
    [InlineData("a=fingerprint:SHA-256 ABCD")]
    [InlineData("a=fingerprint:SHA-256 AB:C")]
    [InlineData("a=fingerprint:SHA-256 AB:GG")]
    [InlineData("a=fingerprint:SHA 256 AB:CD")]
    [InlineData("a=fingerprint:SHA_256 AB:CD")]
    public void A_fingerprint_that_cannot_be_read_is_not_passed_over(string line) => Assert.Null(Read(line + "\r\n"));

    [Fact]
    public void Their_number_and_length_have_a_limit()
    {
        Assert.Null(Read(string.Concat(Enumerable.Repeat("a=fingerprint:SHA-1 AB\r\n", 9))));
        Assert.Null(Read($"a=fingerprint:SHA-256 {string.Join(':', Enumerable.Repeat("AB", 65))}\r\n"));
    }

    [Theory]
    [InlineData("SHA-256", 32, true)]
    [InlineData("sha-384", 48, true)]
    [InlineData("SHA-512", 64, true)]
    [InlineData("SHA-256", 31, false)]
    [InlineData("SHA-1", 20, false)]
    [InlineData("MD5", 16, false)]
    public void From_SHA_256_on_a_fingerprint_is_strong(string name, int bytes, bool isStrong) => Assert.Equal(
        isStrong, SdpFingerprint.IsStrong($"{name} {string.Join(':', Enumerable.Repeat("AB", bytes))}"));

    [Theory]
    [InlineData("TCP/WS/MSRP", false)]
    [InlineData("tcp/wss/msrp", true)]
    [InlineData("TCP/TLS/MSRP", true)]
    public void The_protocol_says_whether_there_is_TLS(string protocol, bool isTls) =>
        Assert.Equal(isTls, Read("", "", protocol)!.IsTls);

    [Fact]
    public void The_address_of_the_media_goes_before_that_of_the_session() =>
        Assert.Equal("2001:db8::7", Read("c=IN IP6 2001:db8::7\r\n")!.Address);

    private static MsrpMedia? Read(string mediaLines, string sessionLines = "", string protocol = "TCP/TLS/MSRP")
    {
        var text = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n" + sessionLines
            + $"m=message 2856 {protocol} *\r\na=accept-types:message/cpim\r\na=path:msrps://192.0.2.7:2856/s;tcp\r\n"
            + mediaLines;
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out var description));
        return description.TryFindMsrp(out _, out var media) ? media : null;
    }
}
