using System.Text;
using ImSidecar.Client.Chat;
using ImSidecar.Client.Commands;
using ImSidecar.Client.Sip;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>What a person types, and what of others he is shown.</summary>
public class ChatTextTests
{
    [Theory]
    [InlineData("\e[2J\e[31mred", "\uFFFD[2J\uFFFD[31mred")]
    [InlineData("a\bb\u0007\u007f\u009b5m", "a\uFFFDb\uFFFD\uFFFD\uFFFD5m")]
    [InlineData("a\tb", "a b")]
    [InlineData("Grüße \u2603 \U0001F600", "Grüße \u2603 \U0001F600")]
    [InlineData("one\r\ntwo\rthree", "one two three")]
    [InlineData(null, "")]
    public void What_others_wrote_controls_no_terminal_and_begins_no_line(string? text, string shown) =>
        Assert.Equal(shown, PlainText.Line(text));

    [Fact]
    public void A_message_that_forges_a_line_of_another_is_set_off()
    {
        var output = new StringWriter();

        new Screen(output, hasColour: false).Say("mallory", "hi\n<alice> I owe you\n\e[1A");

        Assert.Equal("<mallory> hi\n    | <alice> I owe you\n    | \uFFFD[1A\n", output.ToString());
    }

    [Fact]
    public void A_text_without_end_is_cut()
    {
        var lines = PlainText.Lines(string.Concat(Enumerable.Repeat("\n", 100_000))).ToList();
        var line = PlainText.Lines(new string('x', 100_000)).ToList();

        Assert.True(lines.Count <= PlainText.MaxLines + 1);
        Assert.Equal([PlainText.MaxLength, "[... 100000 characters]".Length], line.Select(each => each.Length));
    }

    [Fact]
    public void Colours_are_for_who_has_them()
    {
        var (with, without) = (new StringWriter(), new StringWriter());

        new Screen(with, hasColour: true).Warn("no");
        new Screen(without, hasColour: false).Warn("no");

        Assert.Equal("! no\n", without.ToString());
        Assert.StartsWith("\e[", with.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_typed_can_be_corrected_and_comes_back()
    {
        var line = new InputLine();

        Type(line, "hello teh");
        line.Press(Control(ConsoleKey.W));
        Type(line, "there\U0001F600");
        line.Press(Key(ConsoleKey.Backspace));
        var sent = line.Press(Key(ConsoleKey.Enter));
        Type(line, "x");
        line.Press(Control(ConsoleKey.U));
        line.Press(Key(ConsoleKey.UpArrow));
        var again = line.Text;
        line.Press(Key(ConsoleKey.DownArrow));
        line.Press(Control(ConsoleKey.D));

        Assert.Equal(("hello there", "hello there", ""), (sent, again, line.Text));
        Assert.True(line.IsEnd);
    }

    [Fact]
    public void A_line_without_end_is_not_kept()
    {
        var line = new InputLine();

        Type(line, new string('x', 20_000));

        Assert.Equal(8 * 1024, line.Text.Length);
    }

    [Theory]
    [InlineData("hello there", "", "hello there")]
    [InlineData("//etc is a folder", "", "/etc is a folder")]
    [InlineData("/Whisper  sip:bob@example.com   psst you ", "whisper", "sip:bob@example.com   psst you")]
    [InlineData("/who\r", "who", "")]
    [InlineData("/", "", "")]
    [InlineData("", "", "")]
    public void A_line_is_a_command_or_a_text(string line, string verb, string rest) =>
        Assert.Equal(new ChatInput(verb, rest), ChatInput.Read(line));

    [Theory]
    [InlineData("bob", "sip:bob@example.com")]
    [InlineData("bob@example.org", "sip:bob@example.org")]
    [InlineData("<sip:bob@example.org;user=phone>", "sip:bob@example.org;user=phone")]
    [InlineData("+15550100", "tel:+15550100")]
    [InlineData("tel:+15550100", "tel:+15550100")]
    public void An_address_is_completed(string typed, string uri) =>
        Assert.Equal(uri, Address.Read(typed, "example.com"));

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("mailto:bob@example.com")]
    [InlineData("bob>\r\nX: y")]
    public void What_is_none_is_said(string typed) =>
        Assert.Throws<UsageException>(() => Address.Read(typed, "example.com"));

    [Fact]
    public void A_refusal_is_told_with_its_warnings()
    {
        var refusal = SipMessage.Response(403, "Forbidden")
            .Add("Warning", "399 im.example.com \"Not a \\\"participant\\\"\"")
            .Add("Warning", "399 im.example.com \"\e[31mtoo\"");

        Assert.Equal("403 Forbidden: Not a \"participant\"; \uFFFD[31mtoo", Refusal.Of(refusal));
        Assert.Equal("486 Busy Here", Refusal.Of(SipMessage.Response(486, "Busy Here")));
    }

    [Theory]
    [InlineData("<delivery-notification><status><delivered/></status></delivery-notification>", "delivered")]
    [InlineData("<display-notification><status><displayed/></status></display-notification>", "displayed")]
    [InlineData("<delivery-notification><status><failed/></status></delivery-notification>", "failed")]
    [InlineData("<!DOCTYPE imdn>", "cannot be read")]
    [InlineData("<status>", "cannot be read")]
    public void A_receipt_is_told_in_words(string status, string told)
    {
        var document = status.StartsWith("<!", StringComparison.Ordinal) ? status + "<imdn/>"
            : $"<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id>1</message-id>{status}</imdn>";

        Assert.Contains(told, Receipt.Read(Encoding.UTF8.GetBytes(document)), StringComparison.Ordinal);
    }

    private static ConsoleKeyInfo Key(ConsoleKey key) => new('\0', key, false, false, false);

    private static ConsoleKeyInfo Control(ConsoleKey key) => new('\0', key, false, false, control: true);

    private static void Type(InputLine line, string text)
    {
        foreach (var c in text)
            line.Press(new(c, ConsoleKey.None, false, false, false));
    }
}
