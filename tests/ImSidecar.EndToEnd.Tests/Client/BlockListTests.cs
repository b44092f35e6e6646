using System.Text;
using ImSidecar.Client.Blocking;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>IM 6.1.2.12: whom a user has blocked.</summary>
public class BlockListTests
{
    private static readonly BlockList _blocked =
        BlockList.Of("sip:mallory@example.com", "tel:+1-555-0100", "sip:+15550101@example.com;user=phone");

    [Theory, Trait("Spec", "IM 6.1.2.12/notify-3")]
    [InlineData("sip:mallory@example.com")]
    [InlineData("sips:mallory@EXAMPLE.com:5061;transport=tls")]
    [InlineData("sip:m%61llory@example.com")]
    [InlineData("sip:+15550100@elsewhere.example;user=phone")]
    [InlineData("tel:+15550100")]
    [InlineData("tel:+1(555)0101")]
    public void A_user_is_blocked_under_every_spelling_of_his_address(string user) =>
        Assert.True(_blocked.IsBlocked(user));

    [Theory, Trait("Spec", "IM 6.1.2.12/notify-3")]
    [InlineData("sip:Mallory@example.com")]
    [InlineData("sip:mallory@example.org")]
    [InlineData("sip:anonymous1@anonymous.invalid")]
    [InlineData("tel:+15550199")]
    [InlineData("mallory")]
    [InlineData("")]
    public void Nobody_else_is(string user) => Assert.False(_blocked.IsBlocked(user));

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-3")]
    public void Of_the_document_the_list_of_blocked_contacts_counts_and_what_it_says_by_reference_is_counted()
    {
        var document = Lists(
            "<list name='oma_buddylist'><entry uri='sip:bob@example.com'/></list>"
            + "<list name='oma_blockedcontacts'><entry uri='sip:mallory@example.com'/>"
            + "<external anchor='http://x.example/y'/>"
            + "<entry uri='mailto:x@example.com'/><list><entry uri='sip:trudy@example.com'/></list></list>");

        Assert.True(BlockList.TryRead(document, out var list, out _));

        Assert.True(list.IsBlocked("sip:mallory@example.com"));
        Assert.True(list.IsBlocked("sip:trudy@example.com"));
        Assert.False(list.IsBlocked("sip:bob@example.com"));
        Assert.Equal(2, list.Unread);
    }

    [Fact]
    public void A_document_without_that_list_blocks_nobody()
    {
        Assert.True(BlockList.TryRead(Lists(""), out var list, out _));

        Assert.Empty(list.Entries);
    }

    [Theory]
    [InlineData("<resource-lists")]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'c'>]><resource-lists xmlns='urn:ietf:params:xml:ns:resource-lists'/>")]
    [InlineData("<group/>")]
    public void What_is_no_document_is_refused_with_a_reason(string text)
    {
        Assert.False(BlockList.TryRead(Encoding.UTF8.GetBytes(text), out var list, out var error));

        Assert.NotEmpty(error);
        Assert.Empty(list.Entries);
    }

    [Fact]
    public void A_file_holds_one_address_per_line_or_the_document()
    {
        var lines = Encoding.UTF8.GetBytes("\uFEFF# mine\r\nsip:mallory@example.com\r\n\r\ntel:+15550100\n");

        Assert.True(BlockListFile.TryRead(lines, out var byLine, out _));
        Assert.True(BlockListFile.TryRead(
            Lists("<list name='oma_blockedcontacts'><entry uri='sip:mallory@example.com'/></list>"),
            out var byDocument, out _));

        Assert.Equal(["sip:mallory@example.com", "tel:+15550100"], byLine.Entries);
        Assert.Equal(["sip:mallory@example.com"], byDocument.Entries);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_error_in_words()
    {
        Assert.False(BlockListFile.TryRead("/nowhere/at/all", out _, out var error));

        Assert.NotEmpty(error);
    }

    private static byte[] Lists(string lists) => Encoding.UTF8.GetBytes(
        $"<resource-lists xmlns='urn:ietf:params:xml:ns:resource-lists'>{lists}</resource-lists>");
}
