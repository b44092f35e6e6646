using System.Text;
using ImSidecar.Protocol.Imdn;

namespace ImSidecar.Protocol.Tests.Imdn;

/// <summary>message/imdn+xml, RFC 5438 11.</summary>
public class NotificationXmlTests
{
    private static readonly Notification _delivered = new("34jk324j", NotificationKind.Delivery, "delivered")
    {
        DateTime = "2008-04-04T12:16:49-05:00",
        RecipientUri = "sip:bob@example.com",
        OriginalRecipientUri = "sip:skiers@groups.example.com",
    };

    private static string Xml(string inside) =>
        $"<?xml version=\"1.0\"?><imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">{inside}</imdn>";

    private static bool TryRead(string text, out Notification read, out string error) =>
        NotificationXml.TryParse(Encoding.UTF8.GetBytes(text), out read, out error);

    [Theory, Trait("Spec", "RFC 5438 7.2.1")]
    [InlineData(NotificationKind.Delivery, "failed")]
    [InlineData(NotificationKind.Processing, "stored")]
    [InlineData(NotificationKind.Display, "displayed")]
    public void What_is_written_is_read_again(NotificationKind kind, string status)
    {
        var written = _delivered with { Kind = kind, Status = status };

        Assert.True(NotificationXml.TryParse(NotificationXml.Write(written), out var read, out _));
        Assert.Equal(written, read);
    }

    [Fact]
    public void What_we_do_not_know_is_read_over()
    {
        var text = Xml(
            "<message-id>1</message-id><subject>Hi</subject><x xmlns=\"urn:x\"><message-id>2</message-id></x>"
            + "<display-notification><status><y xmlns=\"urn:x\"/><displayed/></status></display-notification>");

        Assert.True(TryRead(text, out var read, out var error), error);
        Assert.Equal(("1", NotificationKind.Display, "displayed"), (read.MessageId, read.Kind, read.Status));
    }

    [Theory]
    [InlineData("", "Notification does not say what became of which message")]
    [InlineData("<message-id>1</message-id>", "Notification does not say what became of which message")]
    [InlineData(
        "<message-id>1</message-id><delivery-notification/>", "Notification does not say what became of which message")]
    [InlineData(
        "<message-id>1</message-id><message-id>2</message-id>",
        "Notification holds something twice, or something too long")]
    [InlineData(
        "<message-id>1</message-id><delivery-notification><status><delivered/></status></delivery-notification>"
        + "<display-notification><status><displayed/></status></display-notification>",
        "Notification is about several things")]
    [InlineData("<message-id>", "Notification is not well-formed XML without DTD")]
    [InlineData("<message-id><b/></message-id>", "Notification is not well-formed XML without DTD")]
    public void What_says_nothing_is_refused(string inside, string expected)
    {
        Assert.False(TryRead(Xml(inside), out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void A_document_type_and_what_is_too_large_or_deep_is_refused()
    {
        Assert.False(TryRead("<!DOCTYPE imdn><imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"/>", out _, out _));
        Assert.False(TryRead(Xml(new string(' ', NotificationXml.MaxBytes)), out _, out var large));
        Assert.Equal("Notification too large", large);
        var deep = string.Concat(Enumerable.Repeat("<x xmlns=\"urn:x\">", 20))
            + string.Concat(Enumerable.Repeat("</x>", 20));
        Assert.False(TryRead(Xml(deep), out _, out var nested));
        Assert.Equal("Notification is nested too deeply", nested);
    }

    [Fact]
    public void Cut_and_flipped_documents_never_throw()
    {
        var good = NotificationXml.Write(_delivered);
        for (var i = 0; i < good.Length; i++)
        {
            _ = NotificationXml.TryParse(good.AsMemory(0, i), out _, out _);
            var flipped = good.ToArray();
            flipped[i] ^= 0x15;
            _ = NotificationXml.TryParse(flipped, out _, out _);
        }
    }
}
