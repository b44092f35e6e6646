using ImSidecar.Protocol.Mime;

namespace ImSidecar.Protocol.Tests.Mime;

/// <summary>RFC 2045 5.1.</summary>
public class MediaTypeTests
{
    [Theory]
    [InlineData("application/sdp", "application/sdp", null)]
    [InlineData("Multipart/Mixed; boundary=\"a \\\"b\\\";c\"", "multipart/mixed", "a \"b\";c")]
    [InlineData("multipart/mixed;boundary=b1", "multipart/mixed", "b1")]
    [InlineData("multipart/mixed ; charset=utf-8 ; BOUNDARY = b1;", "multipart/mixed", "b1")]
    [InlineData("multipart/mixed;boundary==_a/b:c", "multipart/mixed", "=_a/b:c")]
    [InlineData("application/resource-lists+xml", "application/resource-lists+xml", null)]
    public void Parts_are_read_and_the_text_is_written_back(string text, string essence, string? boundary)
    {
        Assert.True(MediaType.TryParse(text, out var type));

        Assert.Equal(essence, type.Essence);
        Assert.True(type.Is(essence.ToUpperInvariant()));
        Assert.Equal(boundary, type.Parameter("boundary"));
        Assert.Equal(text, type.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("/plain")]
    [InlineData("text/")]
    [InlineData("text/pl ain")]
    [InlineData("text/plain/x")]
    [InlineData("text/plain;charset")]
    [InlineData("text/plain;=x")]
    [InlineData("text/plain;charset=")]
    [InlineData("text/plain;charset=\"utf")]
    [InlineData("text/plain;charset=\"utf\"8")]
    [InlineData("text/plain;a=b c")]
    [InlineData("text/plain\r\nEvil: yes")]
    public void Malformed_text_is_refused(string text) => Assert.False(MediaType.TryParse(text, out _));

    [Fact]
    public void Length_is_bounded() =>
        Assert.False(MediaType.TryParse("text/plain;a=" + new string('x', 1024), out _));
}
