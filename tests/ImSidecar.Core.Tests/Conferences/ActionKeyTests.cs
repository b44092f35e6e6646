using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Conferences;

/// <summary>The names of our requests, written and read back.</summary>
public class ActionKeyTests
{
    [Theory, InlineData(""), InlineData("tag-1.x")]
    public void A_key_reads_back_what_it_wrote(string variant)
    {
        var key = new ActionKey(conferenceId, "p12", "BYE", 4_000_000_000, variant);

        Assert.True(ActionKey.TryParse(key.ToString(), out var read));
        Assert.Equal(key, read);
    }

    [Theory]
    [InlineData(""), InlineData("/p1/BYE/1"), InlineData("c/p1/BYE"), InlineData("c/p1/BYE/x")]
    [InlineData("c/p1/BYE/-1")]
    [InlineData("c/p1/BYE/1/tag/more"), InlineData("c/p1/BYE/99999999999999999999")]
    public void What_is_no_key_is_refused(string text) => Assert.False(ActionKey.TryParse(text, out _));
}
