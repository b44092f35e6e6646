using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

public class DeltaSecondsTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("120", 120)]
    [InlineData(" 18000;duration=3600", 18000)]
    [InlineData("120 (in a meeting)", 120)]
    [InlineData("2147483648", int.MaxValue)]
    [InlineData("99999999999999999999999", int.MaxValue)]
    public void Digits_are_seconds(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), DeltaSeconds.Read(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-1")]
    public void Anything_else_is_none(string? text) => Assert.Null(DeltaSeconds.Read(text));
}
