using ImSidecar.Grpc;

namespace ImSidecar.Server.Tests.Grpc;

/// <summary>The grpc-message trailer.</summary>
public class GrpcMessageTextTests
{
    [Theory]
    [InlineData("plain ~ text", "plain ~ text")]
    [InlineData("100%", "100%25")]
    [InlineData("a\r\nb\0", "a%0D%0Ab%00")]
    [InlineData("ä会🚫", "%C3%A4%E4%BC%9A%F0%9F%9A%AB")]
    public void Text_outside_printable_ascii_is_percent_encoded(string text, string encoded) =>
        Assert.Equal(encoded, GrpcMessageText.Encode(text));

    [Fact]
    public void Half_a_character_becomes_the_replacement_character() =>
        Assert.Equal("%EF%BF%BD", GrpcMessageText.Encode("\ud83d"));

    [Fact]
    public void A_long_text_is_cut_between_characters()
    {
        var encoded = GrpcMessageText.Encode("x" + new string('ä', 5000));

        var decoded = Uri.UnescapeDataString(encoded);
        Assert.Equal("x" + new string('ä', (GrpcMessageText.MaxBytes - 1) / 2), decoded);
    }
}
