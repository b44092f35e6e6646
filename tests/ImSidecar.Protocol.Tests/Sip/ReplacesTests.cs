using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>RFC 3891 6.1, and how a URI carries it.</summary>
public class ReplacesTests
{
    [Theory]
    [InlineData("a84b4c76e66710;to-tag=a6c85cf;from-tag=1928301774")]
    [InlineData("425928@phone.example.org;to-tag=7743;from-tag=6472;early-only")]
    [InlineData("(<:\\\">/[]?{}~`'+_*%!.-)@a;to-tag=a-.!%*_+`'~;from-tag=1")]
    public void What_is_read_is_written(string text)
    {
        Assert.True(Replaces.TryParse(text, out var replaces));
        Assert.Equal(text, replaces.ToString());
        Assert.True(TargetUri.TryParse("sip:bob@example.com?" + replaces.Embedded, false, out var target, out _));
        Assert.Equal(replaces, target.Replaces);
    }

    [Theory]
    [InlineData(" a84 ; from-tag = 1 ;x=\"y\"; TO-TAG= 2 ")]
    [InlineData("a84;to-tag=2;from-tag=1;")]
    public void Blanks_order_and_unknown_parameters_do_not_matter(string text)
    {
        Assert.True(Replaces.TryParse(text, out var replaces));
        Assert.Equal(new("a84", "2", "1"), replaces);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a84")]
    [InlineData("a84;to-tag=1")]
    [InlineData("a84;from-tag=1")]
    [InlineData(";to-tag=1;from-tag=2")]
    [InlineData("a84;to-tag=;from-tag=2")]
    [InlineData("a84;to-tag=1;from-tag=2;to-tag=1")]
    [InlineData("a84;to-tag=1;from-tag=2;early-only=1")]
    [InlineData("a84;to-tag=1 2;from-tag=2")]
    [InlineData("a84;to-tag=1\r\nBye: x;from-tag=2")]
    [InlineData("a\r\nBye: 1;to-tag=1;from-tag=2")]
    [InlineData("a b;to-tag=1;from-tag=2")]
    [InlineData("a@b@c;to-tag=1;from-tag=2")]
    [InlineData("a@;to-tag=1;from-tag=2")]
    [InlineData("a,b;to-tag=1;from-tag=2")]
    [InlineData("\u00e4;to-tag=1;from-tag=2")]
    public void What_names_no_dialog_is_refused(string text) => Assert.False(Replaces.TryParse(text, out _));

    [Fact]
    public void Its_parts_have_an_end()
    {
        Assert.False(Replaces.TryParse(new string('a', 257) + ";to-tag=1;from-tag=2", out _));
        Assert.False(Replaces.TryParse($"a;to-tag={new string('1', 129)};from-tag=2", out _));
        Assert.False(Replaces.TryParse($"a;to-tag=1;from-tag=2;x={new string('1', 1024)}", out _));
        Assert.False(TargetUri.TryParse("sip:bob@example.com?" + new string('a', 2048), false, out _, out _));
    }

    [Theory]
    [InlineData("sip:bob@example.com", "INVITE")]
    [InlineData("sip:bob@example.com;method=bye", "BYE")]
    [InlineData("sip:bob@example.com?method=BYE", "BYE")]
    [InlineData("sip:bob@example.com;method=INVITE?Subject=x&Route=%3Csip:evil%3E&body=y", "INVITE")]
    public void Method_and_headers_are_no_part_of_the_address(string uri, string method)
    {
        Assert.True(TargetUri.TryParse(uri, false, out var target, out _));
        Assert.Equal(("sip:bob@example.com", method, null), (target.Address.Text, target.Method, target.Replaces));
    }

    [Fact]
    public void Random_text_never_throws()
    {
        var random = new Random(3891);
        const string Alphabet = "sip:@?;=&%3BReplaces to-tagfrm\"<>\r\n\u00e4";
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Create(random.Next(60), random, (span, rng) =>
            {
                foreach (ref var c in span)
                    c = Alphabet[rng.Next(Alphabet.Length)];
            });
            _ = Replaces.TryParse(text, out _);
            if (TargetUri.TryParse("sip:b@x?Replaces=" + text, i % 2 == 0, out var target, out var problem))
                Assert.DoesNotContain('\n', target.Replaces!.ToString());
            else
                Assert.NotEmpty(problem);
        }
    }

    [Theory]
    [InlineData("bob@example.com", "sip:bob@example.com")]
    [InlineData("bob@example.com:5060;transport=tcp", "sip:bob@example.com:5060;transport=tcp")]
    [InlineData("sip: bob@example.com ", "sip:bob@example.com")]
    [InlineData("sip:bob@example.com", "sip:bob@example.com")]
    [InlineData("tel:+1555", "tel:+1555")]
    [InlineData("example.com", "example.com")]
    public void An_address_is_put_right_where_it_can_mean_one_thing_only(string text, string repaired) =>
        Assert.Equal(repaired, LenientUri.Repair(text));

    [Theory]
    [InlineData("Bob < bob@biloxi.com>;tag=1", "Bob <sip:bob@biloxi.com>;tag=1")]
    [InlineData("bob@biloxi.com;tag=1", "sip:bob@biloxi.com;tag=1")]
    [InlineData("\"a b\" <sip:bob@biloxi.com>", "\"a b\" <sip:bob@biloxi.com>")]
    [InlineData("<bob", "<bob")]
    public void So_is_the_one_of_a_header_field(string text, string repaired) =>
        Assert.Equal(repaired, LenientUri.RepairAddress(text));
}
