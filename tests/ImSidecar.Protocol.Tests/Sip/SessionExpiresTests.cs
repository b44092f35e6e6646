using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>RFC 4028 4: Session-Expires.</summary>
public class SessionExpiresTests
{
    [Theory]
    [InlineData("1800", 1800, null), InlineData("90;refresher=uac", 90, Refresher.Uac)]
    [InlineData(" 600 ; refresher = UAS ", 600, Refresher.Uas)]
    [InlineData("600;refresher=somebody", 600, null), InlineData("600;x=1;refresher=uas", 600, Refresher.Uas)]
    [Trait("Spec", "RFC 4028 4")]
    public void Interval_and_refresher_are_read(string text, int seconds, Refresher? refresher)
    {
        Assert.True(SessionExpires.TryParse(text, out var value));

        Assert.Equal(new(seconds, refresher), value);
        Assert.True(SessionExpires.TryParse(value.ToString(), out var again));
        Assert.Equal(value, again);
    }

    [Theory]
    [InlineData(null), InlineData(""), InlineData("0"), InlineData("-1"), InlineData("+1"), InlineData("x")]
    [InlineData("1.5")]
    [InlineData(";refresher=uac"), InlineData("1 2"), InlineData("0x10")]
    [Trait("Spec", "RFC 4028 4")]
    public void What_is_no_interval_is_refused(string? text) => Assert.False(SessionExpires.TryParse(text, out _));

    [Theory, InlineData("2147483648"), InlineData("99999999999999999999"), Trait("Spec", "RFC 3261 25.1")]
    public void An_interval_that_is_too_large_is_the_largest(string text)
    {
        Assert.True(SessionExpires.TryParse(text, out var value));
        Assert.Equal(int.MaxValue, value.Seconds);
    }

    [Theory]
    [InlineData(Refresher.Uac, "1800;refresher=uac"), InlineData(Refresher.Uas, "1800;refresher=uas")]
    [InlineData(null, "1800")]
    [Trait("Spec", "RFC 4028 4")]
    public void It_is_written_as_the_grammar_says(Refresher? refresher, string text) =>
        Assert.Equal(text, new SessionExpires(1800, refresher).ToString());
}
