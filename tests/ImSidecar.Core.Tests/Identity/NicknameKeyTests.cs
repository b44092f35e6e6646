using ImSidecar.Core.Identity;

namespace ImSidecar.Core.Tests.Identity;

/// <summary>RFC 8266 2.4: which nicknames are taken for the same.</summary>
public class NicknameKeyTests
{
    [Theory]
    [InlineData("snowcat", "SnowCat")]
    [InlineData(" Snow  Cat\u00A0", "snow cat")]
    [InlineData("Jos\u00E9", "JOSE\u0301")]
    [InlineData("\u0419\u043E", "\u0438\u0306\u043E")]
    [InlineData("\uFF33now", "Snow")]
    [InlineData("Snow\u200Dcat\uFE0F", "snowcat")]
    [InlineData("snowcat\u3164", "snowcat")]
    [InlineData("snow\u2800cat", "snow cat")]
    [InlineData("snow\U000E0100cat", "snowcat")]
    [InlineData("snow\u180Bcat\u20E3", "snowcat")]
    [InlineData("\u1E09", "c\u0327\u0301")]
    [Trait("Spec", "IM 7.2.3.2")]
    public void Names_that_people_take_for_the_same_are_the_same(string one, string other) =>
        Assert.Equal(NicknameKey.Of(one), NicknameKey.Of(other));

    [Theory]
    [InlineData("snowcat", "snowcat2")]
    [InlineData("\u0928\u0940", "\u0928\u093F")]
    [InlineData("\U0001F600", "\U0001F601")]
    [Trait("Spec", "IM 7.2.3.2")]
    public void Others_are_not(string one, string other) => Assert.NotEqual(NicknameKey.Of(one), NicknameKey.Of(other));
}
