using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>RFC 6446 9: what a rate may be written as.</summary>
public class NotifyRateTests
{
    [Theory]
    [InlineData("0.2", 5)]
    [InlineData("1", 1)]
    [InlineData("10.0", 0.1)]
    [InlineData("0.0166666667", 59.99999988)]
    [InlineData("0.0000000001", 30 * 24 * 3600)]
    public void A_rate_is_the_time_between_two(string text, double seconds)
    {
        Assert.True(NotifyRate.TryParse(text, out var rate));
        Assert.Equal(seconds, rate.Interval.TotalSeconds, 4);
    }

    [Theory]
    [InlineData(null), InlineData(""), InlineData("0"), InlineData("0.0"), InlineData("-1"), InlineData("1e3")]
    [InlineData(".5"), InlineData("5."), InlineData("100"), InlineData("0.12345678901"), InlineData("1,5")]
    [InlineData(" 1"), InlineData("1.2.3"), InlineData("\u0661"), InlineData("NaN")]
    public void What_is_no_rate_is_none(string? text) => Assert.False(NotifyRate.TryParse(text, out _));

    [Theory]
    [InlineData("0.2"), InlineData("0.3"), InlineData("1"), InlineData("12.5"), InlineData("0.0166667")]
    [InlineData("99")]
    public void It_is_written_as_it_was_asked_for(string text)
    {
        Assert.True(NotifyRate.TryParse(text, out var rate));
        Assert.Equal(text, rate.ToString());
    }

    [Fact]
    public void Without_any_time_between_it_is_the_highest_that_can_be_written() =>
        Assert.Equal("99", new NotifyRate(TimeSpan.Zero).ToString());
}
