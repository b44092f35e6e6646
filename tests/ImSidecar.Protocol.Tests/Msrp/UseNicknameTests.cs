using System.Buffers;
using System.Text;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Tests.Msrp;

/// <summary>RFC 7701 7: the request NICKNAME and its one header field; and where the fields of CPIM stand.</summary>
public class UseNicknameTests
{
    private static MsrpHead Read(byte[] bytes)
    {
        var buffer = new ReadOnlySequence<byte>(bytes);
        Assert.True(new MsrpFrameReader(1024).TryRead(ref buffer, out var frame));
        return frame!.Head;
    }

    [Theory]
    [InlineData("")]
    [InlineData("Alice in wonderland")]
    [InlineData("\"\\")]
    [InlineData("\u03A9\u0301 \U0001F468\u200D\U0001F680")]
    public void What_is_written_is_read_back(string nickname)
    {
        var output = new ArrayBufferWriter<byte>();
        MsrpUri peer = new("b.example.com", 8888, "s1"), own = new("a.example.com", 1, "s2");
        MsrpWriter.WriteNickname(output, "nick1", new([peer], own), nickname);

        var head = Read(output.WrittenSpan.ToArray());

        Assert.Equal((MsrpMethod.Nickname, MsrpFault.None, false), (head.Method, head.Fault, head.HasBody));
        Assert.True(UseNickname.TryRead(head.UseNicknameBytes, out var read));
        Assert.Equal(nickname, read);
    }

    [Theory]
    [InlineData("\" Alice  \"", "Alice")]
    [InlineData("\"\\A\\l\"", "Al")]
    public void Blanks_around_it_and_escapes_are_no_part_of_it(string field, string nickname)
    {
        Assert.True(UseNickname.TryRead(Encoding.UTF8.GetBytes(field), out var read));
        Assert.Equal(nickname, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"")]
    [InlineData("Alice")]
    [InlineData("\"Alice")]
    [InlineData("\"Al\"ice\"")]
    [InlineData("\"Alice\\\"")]
    [InlineData("\"  \"")]
    [InlineData("\"\u202Eecila\"")]
    [InlineData("\"\u0085\"")]
    [InlineData("\"a\u2028b\"")]
    [InlineData("\"\uE000\"")]
    public void What_people_cannot_read_is_none(string field) =>
        Assert.False(UseNickname.TryRead(Encoding.UTF8.GetBytes(field), out _));

    [Fact]
    public void What_is_no_text_or_too_long_is_none()
    {
        Assert.False(UseNickname.TryRead([(byte)'"', 0xC3, 0x28, (byte)'"'], out _));
        Assert.True(UseNickname.TryRead(Encoding.UTF8.GetBytes('"' + new string('x', 64) + '"'), out _));
        Assert.False(UseNickname.TryRead(Encoding.UTF8.GetBytes('"' + new string('x', 65) + '"'), out _));
    }

    [Fact, Trait("Spec", "RFC 3862 2.1")]
    public void A_cpim_head_says_where_its_fields_stand()
    {
        const string from = "c.From: <sip:alice@example.com>\r\n";
        const string text = "NS: c <urn:ietf:params:cpim-headers:>\r\n" + from + "Subject: hi\r\n"
            + "To: <sip:bob@example.com>\r\ncc: <sip:carol@example.com>\r\n\r\nContent-Type: text/plain\r\n\r\nhi";

        Assert.Equal(CpimResult.Read, CpimReader.Read(Encoding.UTF8.GetBytes(text), out var head));

        Assert.Equal(from, text[head.Lines[head.FromField]]);
        Assert.Equal(
            ["To: <sip:bob@example.com>\r\n", "cc: <sip:carol@example.com>\r\n"],
            head.ToFields.Select(field => text[head.Lines[field]]));
        Assert.Equal(head.Fields.Length, head.Lines.Length);
    }
}
