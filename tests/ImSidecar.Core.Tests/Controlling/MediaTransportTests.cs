using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>RFC 4975 14.4, RFC 6135, RFC 6714, RFC 7977: what carries MSRP, as offers and answers say it.</summary>
public class MediaTransportTests
{
    private const string Sha1 = "SHA-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33";

    private static readonly string _theirs = "SHA-256 " + string.Join(':', Enumerable.Repeat("AB", 32));
    private static readonly string _ours = "SHA-256 " + string.Join(':', Enumerable.Repeat("CD", 32));

    private static readonly Facts _plain = NoFacts with
    {
        Operator = policy with { WebSocket = new("im.example.com", 443) },
    };

    private static readonly Facts _tls = _plain with { SecureMedia = new(2856, _ours) };

    private static readonly Facts _always = _tls with
    {
        Operator = _tls.Operator with { MediaTls = MediaTls.Always },
    };

    private static readonly Facts _never = _tls with
    {
        Operator = _tls.Operator with { MediaTls = MediaTls.Never },
    };

    [Fact, Trait("Spec", "RFC 4975 14.4")]
    public void TLS_is_answered_with_TLS_and_our_fingerprint()
    {
        var media = Answer(Tls(_theirs), _tls)!;

        Assert.StartsWith("msrps://192.0.2.1:2856/", media.LocalUri, StringComparison.Ordinal);
        Assert.Equal([_theirs], media.Fingerprints);
        var answer = Own(media);
        Assert.Equal("TCP/TLS/MSRP", answer.Media[0].Protocol);
        Assert.Equal(2856, answer.Media[0].Port);
        Assert.Equal(_ours, answer.Media[0].Attribute("fingerprint"));
        Assert.Equal(media.LocalUri, answer.Media[0].Attribute("path"));
    }

    [Fact, Trait("Spec", "RFC 4975 14.4")]
    public void What_is_offered_without_TLS_is_answered_without()
    {
        var media = Answer(Text(Sdp(alice)), _tls)!;

        Assert.StartsWith("msrp://192.0.2.1:2855/", media.LocalUri, StringComparison.Ordinal);
        Assert.Empty(media.Fingerprints);
        Assert.Null(Own(media).Media[0].Attribute("fingerprint"));
    }

    [Fact, Trait("Spec", "RFC 4975 14.4")]
    public void TLS_that_we_do_not_have_or_must_not_use_is_refused_with_the_reason()
    {
        Assert.Null(Answer(Tls(_theirs), _plain));
        Assert.Equal(MediaTransport.NoTls, Complaint(Tls(_theirs), _plain));
        Assert.Null(Answer(Tls(_theirs), _never));
        Assert.Equal(MediaTransport.NoTls, Complaint(Tls(_theirs), _never));
        Assert.Null(Answer(Text(Sdp(alice)), _always));
        Assert.Equal(MediaTransport.OnlyTls, Complaint(Text(Sdp(alice)), _always));
        Assert.Equal(MediaNegotiation.Unsupported, Complaint("no SDP", _tls));
    }

    [Fact, Trait("Spec", "RFC 8122 5")]
    public void A_weak_fingerprint_alone_is_refused_and_beside_a_strong_one_not_looked_at()
    {
        Assert.Null(Answer(Tls(Sha1), _tls));
        Assert.Equal(MediaTransport.Unproven, Complaint(Tls(Sha1), _tls));

        Assert.Equal([_theirs], Answer(Tls(Sha1, _theirs), _tls)!.Fingerprints);
    }

    [Fact, Trait("Spec", "RFC 4975 14.4")]
    public void A_path_without_TLS_does_not_fit_an_offer_with_it()
    {
        var offer = Tls(_theirs).Replace("msrps:", "msrp:", StringComparison.Ordinal);

        Assert.Null(Answer(offer, _tls));
        Assert.Equal(MediaTransport.Unproven, Complaint(offer, _tls));
    }

    [Fact, Trait("Spec", "RFC 4976 9.2")]
    public void Who_is_behind_a_relay_does_not_show_his_own_certificate()
    {
        var offer = Tls(_theirs).Replace(
            "a=path:", "a=path:msrps://relay.example.com:2855/r;tcp ", StringComparison.Ordinal);

        Assert.Empty(Answer(offer, _tls)!.Fingerprints);
    }

    [Fact, Trait("Spec", "RFC 3264 6")]
    public void Of_two_streams_the_one_that_we_can_carry_is_taken()
    {
        var both = Tls(_theirs) + Media(Text(Sdp(alice)));

        Assert.Equal([true, false], Own(Answer(both, _never)!).Media.Select(each => each.IsRejected));
        Assert.Equal([false, true], Own(Answer(both, _tls)!).Media.Select(each => each.IsRejected));
    }

    [Fact, Trait("Spec", "RFC 4975 14.4")]
    public void We_offer_TLS_only_when_it_is_always_to_be()
    {
        var secure = Offer(_always);
        Assert.StartsWith("msrps://192.0.2.1:2856/", secure.LocalUri, StringComparison.Ordinal);
        Assert.Equal("TCP/TLS/MSRP", Own(secure).Media[0].Protocol);
        Assert.Equal(_ours, Own(secure).Media[0].Attribute("fingerprint"));

        Assert.Equal("TCP/MSRP", Own(Offer(_tls)).Media[0].Protocol);
    }

    [Fact, Trait("Spec", "RFC 4975 14.4")]
    public void An_answer_keeps_to_the_offer()
    {
        Assert.Equal([_theirs], Accept(Offer(_always), Tls(_theirs), _always)!.Fingerprints);
        Assert.Null(Accept(Offer(_always), Text(Sdp(bob)), _always));
        Assert.Null(Accept(Offer(_always), Tls(Sha1), _always));
        Assert.Null(Accept(Offer(_tls), Tls(_theirs), _tls));
    }

    [Fact, Trait("Spec", "RFC 8122 6.2")]
    public void What_is_offered_again_has_the_fingerprint_of_the_certificate_that_there_is_now()
    {
        var other = "SHA-256 " + string.Join(':', Enumerable.Repeat("EF", 32));
        var again = MediaNegotiation.OfferAgain(
            Answer(Tls(_theirs), _tls)!, _tls with { SecureMedia = new(2856, other) });

        Assert.Equal(other, Own(again).Media[0].Attribute("fingerprint"));
        Assert.Equal("actpass", Own(again).Media[0].Attribute("setup"));
    }

    [Fact, Trait("Spec", "RFC 4145 4")]
    public void Who_wants_no_connection_for_now_gets_none()
    {
        var answered = Answer(Text(Sdp(alice, setup: "holdconn")), _tls)!;
        Assert.Equal("holdconn", Own(answered).Media[0].Attribute("setup"));
        Assert.True(answered is { Connects: false, HoldsConnection: true });

        var accepted = Accept(Offer(_tls), Text(Sdp(bob, setup: "holdconn")), _tls)!;
        Assert.True(accepted is { Connects: false, HoldsConnection: true });
    }

    [Theory, Trait("Spec", "RFC 6714 4.4")]
    [InlineData("192.0.2.99", 7394, true, "msrp://192.0.2.99:7394;tcp")]
    [InlineData("192.0.2.10", 7395, true, "msrp://192.0.2.10:7395;tcp")]
    [InlineData("2001:db8::7", 7394, true, "msrp://[2001:db8::7]:7394;tcp")]
    [InlineData("192.0.2.10", 7394, true, null)]
    [InlineData("192.0.2.99", 7394, false, null)]
    [InlineData("0.0.0.0", 7395, true, null)]
    [InlineData("192.0.2.99", 9, true, null)]
    [InlineData("<host>", 7395, true, null)]
    public void With_CEMA_we_connect_to_where_the_description_leads(
        string address, int port, bool isCema, string? connectTo)
    {
        var offer = Text(Sdp(alice, setup: "passive"))
            .Replace("c=IN IP4 192.0.2.10", "c=IN IP4 " + address, StringComparison.Ordinal)
            .Replace("m=message 7394", "m=message " + port, StringComparison.Ordinal)
            + (isCema ? "a=msrp-cema\r\n" : "");

        var media = Answer(offer, _tls)!;

        Assert.Equal(connectTo, media.ConnectTo);
        Assert.Equal(["msrp://192.0.2.10:7394/leg-of-alice;tcp"], media.RemotePath);
        Assert.Equal(isCema, Own(media).Media[0].Attribute("msrp-cema") is not null);
    }

    [Fact, Trait("Spec", "RFC 6714 4.2")]
    public void Our_offers_say_CEMA_and_who_connects_himself_is_not_connected_to()
    {
        Assert.NotNull(Own(Offer(_tls)).Media[0].Attribute("msrp-cema"));

        var answer = Text(Sdp(bob, setup: "active"))
            .Replace("m=message 7394", "m=message 7395", StringComparison.Ordinal);
        Assert.Null(Accept(Offer(_tls), answer + "a=msrp-cema\r\n", _tls)!.ConnectTo);
    }

    [Theory, Trait("Spec", "RFC 7977 5")]
    [InlineData("TCP/MSRP", "msrp", "msrp://im.example.com:443/")]
    [InlineData("TCP/TLS/MSRP", "msrps", "msrps://im.example.com:443/")]
    [InlineData("TCP/WSS/MSRP", "msrps", "msrps://im.example.com:443/")]
    public void A_browser_is_told_a_path_over_WebSocket(string protocol, string scheme, string path)
    {
        var media = Answer(Browser(protocol, scheme), _plain)!;

        Assert.StartsWith(path, media.LocalUri, StringComparison.Ordinal);
        Assert.EndsWith(";ws", media.LocalUri, StringComparison.Ordinal);
        Assert.False(media.Connects);
        Assert.Equal(protocol, Own(media).Media[0].Protocol);
        Assert.Null(Own(media).Media[0].Attribute("fingerprint"));
    }

    [Fact, Trait("Spec", "RFC 7977 5")]
    public void Nobody_connects_to_a_browser()
    {
        Assert.Equal(
            MediaTransport.Unreachable, Complaint(Browser("TCP/MSRP", "msrp", setup: "passive"), _plain));
        Assert.Null(Accept(Offer(_plain), Browser("TCP/MSRP", "msrp", setup: "passive"), _plain));
        Assert.False(Accept(Offer(_plain), Browser("TCP/MSRP", "msrp", setup: "active"), _plain)!.Connects);
        Assert.Equal(MediaTransport.NoWebSocket, Complaint(Browser("TCP/MSRP", "msrp"), NoFacts));
        Assert.Equal(MediaTransport.OnlyTls, Complaint(Browser("TCP/MSRP", "msrp"), _always));
    }

    [Fact, Trait("Spec", "RFC 4975 14.4")]
    public void The_message_store_speaks_TLS_as_conferences_do()
    {
        var terms = new MediaTerms(IsDeposit: true, IsFocus: false, MaxSize: 1000);
        var leg = MediaNegotiation.NewLeg(_tls, "d1");
        var offer = Encoding.UTF8.GetBytes(Tls(_theirs));

        var answered = DeferredMedia.Answer(leg, offer, terms, _tls)!;
        Assert.Equal([_theirs], answered.Fingerprints);
        Assert.Equal(_ours, Own(answered).Media[0].Attribute("fingerprint"));
        Assert.Equal("TCP/TLS/MSRP", Own(answered).Media[0].Protocol);
        Assert.Null(DeferredMedia.Answer(leg, offer, terms, _plain));

        var offered = DeferredMedia.Offer("d2", _always);
        Assert.Equal("TCP/TLS/MSRP", Own(offered).Media[0].Protocol);
        Assert.Equal([_theirs], DeferredMedia.Accept(offered, offer)!.Fingerprints);
        Assert.Null(DeferredMedia.Accept(offered, Sdp(bob)));
    }

    private static LegMedia? Answer(string offer, Facts facts) =>
        MediaNegotiation.Answer(
            MediaNegotiation.NewLeg(facts, "p1"), Encoding.UTF8.GetBytes(offer), facts, isGroup: true);

    private static LegMedia Offer(Facts facts) =>
        MediaNegotiation.Offer(MediaNegotiation.NewLeg(facts, "p2"), facts, ["*"], isGroup: true);

    private static LegMedia? Accept(LegMedia leg, string answer, Facts facts) =>
        MediaNegotiation.Accept(leg, Encoding.UTF8.GetBytes(answer), facts);

    private static string Complaint(string offer, Facts facts) =>
        MediaNegotiation.Complaint(Encoding.UTF8.GetBytes(offer), facts);

    private static SessionDescription Own(LegMedia media)
    {
        Assert.True(SessionDescription.TryParse(media.LocalDescription.Span, out var own));
        return own;
    }

    private static string Text(byte[] sdp) => Encoding.UTF8.GetString(sdp);

    private static string Media(string sdp) => sdp[sdp.IndexOf("m=", StringComparison.Ordinal)..];

    private static string Tls(params string[] fingerprints) =>
        Text(Sdp(alice, protocol: "TCP/TLS/MSRP"))
        + string.Concat(fingerprints.Select(each => $"a=fingerprint:{each}\r\n"));

    private static string Browser(string protocol, string scheme, string setup = "actpass") =>
        Text(Sdp(alice, setup: setup)).Replace("TCP/MSRP", protocol, StringComparison.Ordinal).Replace(
            "a=path:msrp://192.0.2.10:7394/leg-of-alice;tcp",
            $"a=path:{scheme}://df7jal23ls0d.invalid:2855/leg-of-alice;ws", StringComparison.Ordinal);
}
