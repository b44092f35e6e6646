using System.Collections.Immutable;
using System.Text;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Protocol.Tests.Mime;

/// <summary>RFC 2046 5.1.</summary>
public class MultipartTests
{
    public static TheoryData<string> Documents => [.. Vectors.Names("mime", "*.mime")];

    [Theory, MemberData(nameof(Documents))]
    public void Every_vector_is_written_back_byte_for_byte(string name)
    {
        var bytes = Vectors.Read(name);
        var boundary = BoundaryOf(name);

        Assert.True(MultipartReader.TryRead(boundary, bytes, out var parts));

        Assert.Equal(bytes, MultipartWriter.Write(boundary, parts));
    }

    [Theory, MemberData(nameof(Documents))]
    public void Damaged_bodies_never_throw(string name)
    {
        foreach (var spoiled in Damage.Of(Vectors.Read(name)))
            if (MultipartReader.TryRead(BoundaryOf(name), spoiled, out var parts))
                Assert.True(parts.Sum(part => part.Body.Length) <= spoiled.Length);
    }

    [Fact]
    public void An_invite_body_gives_the_offer_and_the_recipients()
    {
        Assert.True(MediaType.TryParse("multipart/mixed;boundary=\"b1\"", out var type));

        Assert.True(MultipartReader.TryRead(type, Vectors.Read("mime/sdp-and-recipient-list.b1.mime"), out var parts));

        Assert.Equal(["application/sdp", "application/resource-lists+xml"],
            parts.Select(part => part.ContentType?.Essence));
        Assert.Equal([null, "recipient-list"], parts.Select(part => part.Disposition));
        Assert.True(SessionDescription.TryParse(parts[0].Body.Span, out _));
    }

    [Theory]
    [InlineData("--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n")]
    [InlineData("preamble\r\n--b\r\n\r\none\r\n--b \t\r\n\r\ntwo\r\n--b--")]
    [InlineData("--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\nepilogue\r\n--b\r\n\r\nthree\r\n--b--")]
    [InlineData("--b\n\none\n--b\n\ntwo\n--b--\n")]
    [InlineData("--b\r\n\r\none\r\n--b\r\n\r\ntwo")]
    [InlineData("--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b-\r\n")]
    public void Delimiters_are_found(string body) => Assert.Equal(["one", "two"], Bodies("b", body));

    [Fact]
    public void Only_a_whole_line_is_a_delimiter()
    {
        var body = "--b\r\n\r\none --b\r\n --b\r\n--bc\r\n--b-x\r\n--b-\r\n--b\r\n\r\ntwo\r\n--b--\r\n";

        Assert.Equal(["one --b\r\n --b\r\n--bc\r\n--b-x\r\n--b-", "two"], Bodies("b", body));
    }

    [Fact]
    public void A_part_may_be_empty()
    {
        Assert.Equal(["", "", ""], Bodies("b", "--b\r\n--b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n--b--\r\n"));
    }

    [Fact]
    public void Blank_lines_before_the_headers_are_forgiven()
    {
        var body = "--b\r\n\r\n\r\nContent-Type: text/xml\r\nContent-ID:\r\n <x>\r\n\r\nbody\r\n--b--"u8.ToArray();

        Assert.True(MultipartReader.TryRead("b", body, out var parts));

        Assert.Equal("text/xml", parts[0].ContentType?.Essence);
        Assert.Equal("<x>", parts[0].Headers.First("content-id"));
        Assert.Equal("body", Text(parts[0]));
    }

    [Theory]
    [InlineData("\r\nplain text")]
    [InlineData("\r\nContent- is a word")]
    [InlineData("\r\nContent of: the matter")]
    public void Text_that_is_no_header_stays_text(string part) =>
        Assert.Equal([part[2..]], Bodies("b", "--b\r\n" + part));

    [Theory]
    [InlineData("")]
    [InlineData("no delimiter")]
    [InlineData("--b--\r\n")]
    [InlineData("--b")]
    [InlineData("--b\r\nno header line\r\n\r\nbody\r\n--b--")]
    [InlineData("--b\r\n folded: first\r\n\r\nbody\r\n--b--")]
    [InlineData("--b\r\nBad Name: x\r\n\r\nbody\r\n--b--")]
    [InlineData("--b\r\nA: x\ry\r\n\r\nbody\r\n--b--")]
    public void What_is_no_multipart_is_refused(string body) =>
        Assert.False(MultipartReader.TryRead("b", Encoding.UTF8.GetBytes(body), out _));

    [Fact]
    public void Parts_headers_and_boundary_are_bounded()
    {
        var part = "--b\r\n\r\nx\r\n"u8.ToArray();
        var header = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("A: 1\r\n", 65)));

        Assert.True(MultipartReader.TryRead("b", Repeat(part, 32), out _));
        Assert.False(MultipartReader.TryRead("b", Repeat(part, 33), out _));
        Assert.False(MultipartReader.TryRead("b", (byte[])[.. "--b\r\n"u8, .. header], out _));
        Assert.False(MultipartReader.TryRead(
            "b", (byte[])[.. "--b\r\nA: "u8, .. new string('x', 9000).Select(c => (byte)c)], out _));
        Assert.False(MultipartReader.TryRead("", part, out _));
        Assert.False(MultipartReader.TryRead(new string('b', 71), part, out _));
    }

    [Fact]
    public void Work_grows_with_the_size_only()
    {
        var almostClosing = Repeat("--b-\r\n--bb\r\n"u8.ToArray(), 30_000);
        byte[] body = [.. "--b\r\n\r\n"u8, .. almostClosing, .. Repeat(" \r\n"u8.ToArray(), 150_000)];
        var watch = System.Diagnostics.Stopwatch.StartNew();

        Assert.True(MultipartReader.TryRead("b", body, out var parts));

        Assert.Single(parts);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void The_writer_keeps_its_boundary_out_of_the_parts()
    {
        ImmutableArray<MimePart> parts =
        [
            MimePart.Of("text/plain", "--seed and --seed1"u8.ToArray()),
            MimePart.Of("application/resource-lists+xml", "recipient-list", "<x/>"u8.ToArray()),
        ];

        var boundary = MultipartWriter.ChooseBoundary("seed", parts);

        Assert.DoesNotContain("--" + boundary, Text(parts[0]), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MultipartWriter.Write("seed", parts));
        Assert.True(MediaType.TryParse(MultipartWriter.ContentType("mixed", boundary), out var type));
        Assert.True(MultipartReader.TryRead(type, MultipartWriter.Write(boundary, parts), out var read));
        Assert.Equal(parts.Select(Text), read.Select(Text));
        Assert.Equal("recipient-list", read[1].Disposition);
    }

    private static IEnumerable<string> Bodies(string boundary, string body)
    {
        Assert.True(MultipartReader.TryRead(boundary, Encoding.UTF8.GetBytes(body), out var parts));
        return parts.Select(Text);
    }

    private static byte[] Repeat(byte[] part, int count) =>
        [.. Enumerable.Repeat(part, count).SelectMany(each => each)];

    private static string Text(MimePart part) => Encoding.UTF8.GetString(part.Body.Span);

    private static string BoundaryOf(string name) => name.Split('.')[^2];
}
