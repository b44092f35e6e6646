using System.Buffers;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Tests.Msrp;

/// <summary>RFC 4975 7 framing.</summary>
public class MsrpParserTests
{
    private const string Paths = "MSRP d93k SEND\r\nTo-Path: a\r\nFrom-Path: b\r\n";

    private const string Head =
        "MSRP d93kswow SEND\r\nTo-Path: msrp://b.example.com:8888/s1;tcp\r\n"
        + "From-Path: msrp://a.example.com:7777/s2;tcp\r\nMessage-ID: 452\r\n";

    [Theory, MemberData(nameof(MsrpVectors.Names), MemberType = typeof(MsrpVectors))]
    public void A_vector_is_written_back_byte_for_byte(string name)
    {
        var bytes = MsrpVectors.Read(name);
        var reader = new MsrpFrameReader(maxBodyBytes: 10_000);
        var output = new ArrayBufferWriter<byte>();
        var buffer = new ReadOnlySequence<byte>(bytes);

        while (reader.TryRead(ref buffer, out var frame))
        {
            Assert.Equal(MsrpFault.None, frame.Head.Fault);
            frame.WriteTo(output);
        }

        Assert.Equal(MsrpFault.None, reader.Fault);
        Assert.Equal(bytes, output.WrittenSpan.ToArray());
    }

    [Theory, MemberData(nameof(MsrpVectors.Names), MemberType = typeof(MsrpVectors))]
    public void Where_a_vector_is_split_does_not_matter(string name)
    {
        var bytes = MsrpVectors.Read(name);
        var whole = MsrpVectors.Parse(bytes, bytes.Length);
        Assert.Equal("whole", whole[^1]);

        for (var split = 1; split < bytes.Length; split++)
            Assert.Equal(whole, MsrpVectors.Parse(bytes, split, bytes.Length));

        for (var size = 1; size < 40; size += 3)
            Assert.Equal(whole, MsrpVectors.Parse(bytes, size));
    }

    [Theory, MemberData(nameof(MsrpVectors.Names), MemberType = typeof(MsrpVectors))]
    public void A_damaged_vector_never_throws_and_is_the_same_however_it_is_split(string name)
    {
        var random = new Random(4975);
        var original = MsrpVectors.Read(name);
        for (var round = 0; round < 100; round++)
        {
            var bytes = Damage(original, random);
            var whole = MsrpVectors.Parse(bytes, Math.Max(1, bytes.Length));

            Assert.Equal(whole, MsrpVectors.Parse(bytes, random.Next(1, 30)));
            Assert.Equal(whole, MsrpVectors.Parse(bytes, random.Next(1, original.Length), random.Next(1, 9)));
        }
    }

    [Theory]
    [InlineData("Byte-Range: 1-3/3\r\nContent-Type: a/b\r\n\r\nabc\r\n-------d93kswow$\r\n", "abc", MsrpFlag.Last)]
    [InlineData("Byte-Range: 1-*/*\r\nContent-Type: a/b\r\n\r\nabc\r\n-------d93kswow+\r\n", "abc", MsrpFlag.More)]
    [InlineData("Byte-Range: 1-9/9\r\nContent-Type: a/b\r\n\r\nabc\r\n-------d93kswow#\r\n", "abc", MsrpFlag.Abort)]
    [InlineData("Byte-Range: 1-1/9\r\nContent-Type: a/b\r\n\r\nabc\r\n-------d93kswow$\r\n", "abc", MsrpFlag.Last)]
    [InlineData("Content-Type: a/b\r\n\r\n\r\n-------d93kswow$\r\n", "", MsrpFlag.Last)]
    [InlineData("Content-Type: a/b\r\n\r\n-------d93kswow$\r\n", "", MsrpFlag.Last)]
    [InlineData("Content-Type: a/b\r\n\r\n-------d93kswo\r\n-------d93kswow$\r\n", "-------d93kswo", MsrpFlag.Last)]
    [InlineData(
        "Content-Type: a/b\r\n\r\n\r\n-------other$\r\n-------d93kswow!\r\n-------d93kswow$ \r\n\r\n"
        + "-------d93kswow$\r\n",
        "\r\n-------other$\r\n-------d93kswow!\r\n-------d93kswow$ \r\n", MsrpFlag.Last)]
    [InlineData(
        "Content-Type: a/b\r\n\r\n  -------d93kswow$\r\n\r\n-------d93kswow$\r\n", "  -------d93kswow$\r\n",
        MsrpFlag.Last)]
    public void A_body_ends_at_the_end_line_of_its_own_transaction(string rest, string body, MsrpFlag flag)
    {
        var bytes = Encoding.ASCII.GetBytes(Head + rest);
        foreach (var size in new[] { 1, 7, 1000 })
        {
            var found = MsrpVectors.Parse(bytes, size);

            Assert.Equal($"{flag} {Convert.ToHexString(Encoding.ASCII.GetBytes(body))}", found[1]);
            Assert.Equal("whole", found[2]);
        }
    }

    [Fact]
    public void A_body_of_any_size_flows_through_without_being_held()
    {
        var parser = new MsrpParser();
        var buffer = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(
            Head + "Byte-Range: 1-*/*\r\nContent-Type: application/octet-stream\r\n\r\n"));
        Assert.Equal(MsrpToken.Head, parser.Read(ref buffer, out _));
        Assert.Equal(MsrpToken.NeedMore, parser.Read(ref buffer, out _));
        var left = buffer.ToArray();

        var piece = new byte[60_000];
        Array.Fill(piece, (byte)'\r');
        for (var i = 0; i < 50; i++)
        {
            buffer = new ReadOnlySequence<byte>([.. left, .. piece]);
            Assert.Equal(MsrpToken.Body, parser.Read(ref buffer, out _));
            left = buffer.ToArray();
            Assert.InRange(left.Length, 0, 30);
        }
    }

    [Theory]
    [InlineData("MSRP d93k SEND\r\nFrom-Path: b\r\nTo-Path: a\r\nMessage-ID: 1\r\n-------d93k$\r\n", MsrpFault.Paths)]
    [InlineData("MSRP d93k SEND\r\nTo-Path: a\r\nMessage-ID: 1\r\n-------d93k$\r\n", MsrpFault.Paths)]
    [InlineData("MSRP d93k SEND\r\n-------d93k$\r\n", MsrpFault.Paths)]
    [InlineData(Paths + "From-Path: b\r\n-------d93k$\r\n", MsrpFault.DuplicateHeader)]
    [InlineData(Paths + "no colon\r\n-------d93k$\r\n", MsrpFault.HeaderLine)]
    [InlineData("MSRP d93k SEND\r\nTo-Path: a\r\nFrom-Path: b\rX: y\r\n-------d93k$\r\n", MsrpFault.HeaderLine)]
    [InlineData(Paths + "-------d93k$\r\n", MsrpFault.MessageId)]
    [InlineData(Paths + "Message-ID: <x>\r\n-------d93k$\r\n", MsrpFault.MessageId)]
    [InlineData(Paths + "Message-ID: 1\r\nByte-Range: 0-1/1\r\n-------d93k$\r\n", MsrpFault.ByteRange)]
    [InlineData(Paths + "Message-ID: 1\r\nFailure-Report: perhaps\r\n-------d93k$\r\n", MsrpFault.Report)]
    [InlineData(Paths + "Message-ID: 1\r\n\r\nx\r\n-------d93k$\r\n", MsrpFault.ContentType)]
    [InlineData(
        "MSRP d93k REPORT\r\nTo-Path: a\r\nFrom-Path: b\r\nMessage-ID: 1\r\n"
        + "Status: OK\r\n-------d93k$\r\n", MsrpFault.StatusHeader)]
    public void A_head_that_is_not_right_says_why_and_the_frame_still_ends(string text, MsrpFault fault)
    {
        var found = MsrpVectors.Parse(Encoding.ASCII.GetBytes(text), 1000);

        Assert.StartsWith(fault.ToString(), found[0], StringComparison.Ordinal);
        Assert.Equal("whole", found[^1]);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n", MsrpFault.StartLine)]
    [InlineData("MSRP d93k send\r\n-------d93k$\r\n", MsrpFault.StartLine)]
    [InlineData("MSRP d93k\r\n-------d93k$\r\n", MsrpFault.StartLine)]
    [InlineData("MSRP -d93k SEND\r\n-------d93k$\r\n", MsrpFault.StartLine)]
    [InlineData("MSRP d93k 20 OK\r\n-------d93k$\r\n", MsrpFault.StartLine)]
    [InlineData("\r\nMSRP d93k SEND\r\n-------d93k$\r\n", MsrpFault.StartLine)]
    [InlineData("MSRP d93k SEND\r\nTo-Path: a\r\n-------other$\r\n", MsrpFault.EndLine)]
    [InlineData("MSRP d93k SEND\r\nTo-Path: a\r\n-------d93k$$\r\n", MsrpFault.EndLine)]
    public void What_cannot_be_framed_is_a_fault_for_good(string text, MsrpFault fault)
    {
        var found = MsrpVectors.Parse(Encoding.ASCII.GetBytes(text + Head), 5);

        Assert.Contains($"fault {fault}", found);
        Assert.Equal("cut", found[^1]);
    }

    [Fact]
    public void A_head_has_an_upper_size()
    {
        var value = new string('x', 2 * MsrpParser.DefaultMaxHeadBytes);
        var bytes = Encoding.ASCII.GetBytes(Head + "X: " + value + "\r\n");

        Assert.Equal("fault HeadTooLong", MsrpVectors.Parse(bytes, bytes.Length)[0]);
        Assert.Equal("fault HeadTooLong", MsrpVectors.Parse(bytes, 1000)[0]);
    }

    private static byte[] Damage(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 20)));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, random.Next(1, 60))));
                    break;
                default:
                    bytes[at] = (byte)"\r\n-$+#: "[random.Next(8)];
                    break;
            }

            if (bytes.Count == 0)
                bytes.Add(0);
        }

        return [.. bytes];
    }
}
