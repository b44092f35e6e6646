using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.2/fail-1: the status the inviter gets when every invitee refused.</summary>
public class RefusalStatusTests
{
    [Theory]
    [InlineData(AllRefused.Lowest, 404, new[] { 486, 404, 603 })]
    [InlineData(AllRefused.HighestClass, 600, new[] { 486, 603, 600 })]
    [InlineData(AllRefused.HighestClass, 500, new[] { 404, 503, 500 })]
    [InlineData(AllRefused.Fixed480, 480, new[] { 404, 603 })]
    [InlineData(AllRefused.Lowest, 480, new int[0])]
    [Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void The_policy_chooses(AllRefused policy, int expected, int[] codes) =>
        Assert.Equal(expected, RefusalStatus.ForInviter([.. codes], policy).Code);

    [Theory]
    [InlineData(401, 403)]
    [InlineData(407, 403)]
    [InlineData(302, 480)]
    [InlineData(422, 480)]
    [InlineData(420, 480)]
    [InlineData(405, 480)]
    [InlineData(481, 480)]
    [Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void What_was_meant_for_us_is_not_relayed(int received, int expected) =>
        Assert.Equal(expected, RefusalStatus.ForInviter([received], AllRefused.Lowest).Code);

    [Theory]
    [InlineData(403), InlineData(404), InlineData(408), InlineData(480), InlineData(486), InlineData(488)]
    [InlineData(500), InlineData(503), InlineData(603), InlineData(410), InlineData(606)]
    [Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void What_speaks_of_the_invitee_is(int code)
    {
        var status = RefusalStatus.ForInviter([code], AllRefused.Lowest);

        Assert.Equal(code, status.Code);
        Assert.NotEmpty(status.Reason);
    }
}
