using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>RFC 7315 5.6.</summary>
public class ChargingVectorTests
{
    [Theory]
    [InlineData("icid-value=1234bc9876e;icid-generated-at=192.0.6.8;orig-ioi=home1.net")]
    [InlineData("icid-value=\"AyretyU0dm+6O2IrT5tAFrbHLso=023551024\";orig-ioi=\"Type 3home1.net\"")]
    [InlineData("icid-value=1;icid-generated-at=[2001:db8::1]")]
    public void What_is_read_is_written(string text)
    {
        Assert.True(ChargingVector.TryParse(text, out var vector));
        Assert.Equal(text, vector.ToString());
    }

    [Fact]
    public void What_others_add_stays_behind()
    {
        const string Text = "icid-value=1 ; term-ioi=b;access-network-charging-info=x;gprs-charging-info=1;ggsn=[5555::4];x";

        Assert.True(ChargingVector.TryParse(Text, out var vector));
        Assert.Equal("icid-value=1;term-ioi=c", $"{vector with { TermIoi = "c" }}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("orig-ioi=a")]
    [InlineData("icid-value=")]
    [InlineData("icid-value=1;icid-value=2")]
    [InlineData("icid-value=\"1")]
    [InlineData("icid-value=1,icid-value=2")]
    [InlineData("icid-value=\"a\\\"b\"")]
    [InlineData("icid-value=\"a\r\nBye: x\"")]
    [InlineData("icid-value=a b")]
    public void What_is_no_vector_is_none(string text) => Assert.False(ChargingVector.TryParse(text, out _));

    [Fact]
    public void It_has_an_end() => Assert.False(ChargingVector.TryParse("icid-value=" + new string('1', 1024), out _));
}
