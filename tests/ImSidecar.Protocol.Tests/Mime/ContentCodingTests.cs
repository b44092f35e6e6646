using System.IO.Compression;
using System.Text;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Protocol.Tests.Mime;

/// <summary>RFC 3261 20.12, RFC 9110 8.4.1.</summary>
public class ContentCodingTests
{
    private static readonly byte[] Text = Vectors.Read("resource-lists/recipients.xml");

    public static TheoryData<string, string> Codings => new()
    {
        { "deflate", "zlib" }, { "deflate", "raw" }, { "Deflate ", "zlib" }, { "gzip", "gzip" }, { "x-gzip", "gzip" },
    };

    [Theory, MemberData(nameof(Codings))]
    public void Every_coding_is_undone(string coding, string format)
    {
        var outcome = ContentCoding.Decode(coding, Pack(Text, format), Text.Length, out var decoded);

        Assert.Equal(DecodeOutcome.Decoded, outcome);
        Assert.Equal(Text, decoded.ToArray());
    }

    [Theory, MemberData(nameof(Codings))]
    public void One_byte_over_the_limit_is_too_large(string coding, string format) =>
        Assert.Equal(DecodeOutcome.TooLarge, ContentCoding.Decode(coding, Pack(Text, format), Text.Length - 1, out _));

    [Theory, MemberData(nameof(Codings))]
    public void A_bomb_is_stopped_at_the_limit(string coding, string format)
    {
        var bomb = Pack(new byte[50_000_000], format);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var outcome = ContentCoding.Decode(coding, bomb, 100_000, out var decoded);

        Assert.Equal(DecodeOutcome.TooLarge, outcome);
        Assert.True(decoded.IsEmpty);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    [Theory, MemberData(nameof(Codings))]
    public void A_cut_stream_is_malformed(string coding, string format)
    {
        var packed = Pack(Text, format);

        for (var length = 0; length < packed.Length; length++)
            Assert.Equal(
                DecodeOutcome.Malformed, ContentCoding.Decode(coding, packed.AsMemory(0, length), 100_000, out _));
    }

    [Theory, MemberData(nameof(Codings))]
    public void Damaged_streams_never_throw(string coding, string format)
    {
        foreach (var spoiled in Damage.Of(Pack(Text, format)))
            if (ContentCoding.Decode(coding, spoiled, 10_000, out var decoded) == DecodeOutcome.Decoded)
                Assert.InRange(decoded.Length, 0, 10_000);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("identity")]
    public void No_coding_keeps_the_body(string? coding)
    {
        Assert.Equal(DecodeOutcome.Decoded, ContentCoding.Decode(coding, Text, Text.Length, out var decoded));
        Assert.Equal(Text, decoded.ToArray());
        Assert.Equal(DecodeOutcome.TooLarge, ContentCoding.Decode(coding, Text, Text.Length - 1, out _));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip, deflate")]
    [InlineData("compress")]
    public void An_unknown_coding_is_said_to_be_unknown(string coding) =>
        Assert.Equal(DecodeOutcome.UnknownCoding, ContentCoding.Decode(coding, Text, 100_000, out _));

    [Fact]
    public void Plain_text_is_no_packed_text()
    {
        var text = Encoding.UTF8.GetBytes("<?xml version='1.0'?>");

        Assert.Equal(DecodeOutcome.Malformed, ContentCoding.Decode("gzip", text, 100_000, out _));
        Assert.Equal(DecodeOutcome.Malformed, ContentCoding.Decode("deflate", text, 100_000, out _));
    }

    private static byte[] Pack(byte[] plain, string format)
    {
        using var output = new MemoryStream();
        using (Stream packer = format switch
        {
            "zlib" => new ZLibStream(output, CompressionLevel.Optimal),
            "gzip" => new GZipStream(output, CompressionLevel.Optimal),
            _ => new DeflateStream(output, CompressionLevel.Optimal),
        })
            packer.Write(plain);

        return output.ToArray();
    }
}
