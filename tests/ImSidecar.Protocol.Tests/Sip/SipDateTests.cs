using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>RFC 3261 20.17 Date.</summary>
public class SipDateTests
{
    [Theory]
    [InlineData("Fri, 20 Nov 2026 09:30:00 GMT"), InlineData("Mon, 20 Nov 2026 09:30:00 GMT")]
    [InlineData(" Fri,20 Nov 2026 09:30:00 GMT ")]
    public void The_weekday_is_not_looked_at(string text)
    {
        Assert.True(SipDate.TryParse(text, out var time));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 9, 30, 0, TimeSpan.Zero), time);
        Assert.Equal("Fri, 20 Nov 2026 09:30:00 GMT", SipDate.Write(time.ToOffset(TimeSpan.FromHours(5))));
    }

    [Theory]
    [InlineData(null), InlineData(""), InlineData("Fri"), InlineData("Fri, 31 Feb 2026 09:30:00 GMT")]
    [InlineData("Fri, 20 Nov 2026 09:30:00 CET"), InlineData("2026-11-20T09:30:00Z")]
    public void Anything_else_is_none(string? text) => Assert.False(SipDate.TryParse(text, out _));
}
