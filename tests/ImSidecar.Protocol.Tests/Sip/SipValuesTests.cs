using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>The small values: Warning, dialog, status.</summary>
public class SipValuesTests
{
    [Theory]
    [InlineData("Too many participants", "399 im.example.com \"Too many participants\"")]
    [InlineData("say \"no\" \\", "399 im.example.com \"say \\\"no\\\" \\\\\"")]
    [InlineData("a\r\nb", "399 im.example.com \"ab\"")]
    [Trait("Spec", "RFC 3261 20.43")]
    public void A_warning_has_code_agent_and_quoted_text(string text, string expected) =>
        Assert.Equal(expected, new Warning("im.example.com", text).ToString());

    [Fact, Trait("Spec", "RFC 3261 12")]
    public void A_dialog_is_its_three_parts()
    {
        Assert.Equal(new DialogId("call", "ours", "theirs"), new("call", "ours", "theirs"));
        Assert.NotEqual(new DialogId("call", "ours", "theirs"), new("call", "theirs", "ours"));
        Assert.NotEqual(new DialogId("call", "ours", "theirs"), new("CALL", "ours", "theirs"));
    }

    [Theory]
    [InlineData(100, true, false), InlineData(199, true, false), InlineData(200, false, true)]
    [InlineData(299, false, true)]
    [InlineData(302, false, false), InlineData(486, false, false), InlineData(603, false, false)]
    [Trait("Spec", "RFC 3261 7.2")]
    public void A_status_knows_its_class(int code, bool isProvisional, bool isSuccess)
    {
        var status = new SipStatus(code, "Reason");

        Assert.Equal(
            (isProvisional, isSuccess, !isProvisional), (status.IsProvisional, status.IsSuccess, status.IsFinal));
        Assert.Equal(code + " Reason", status.ToString());
    }
}
