using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Conferences;

/// <summary>The Call-ID of an invitation leads back to it.</summary>
public class InvitationCallIdTests
{
    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void It_names_the_invite()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);

        Assert.True(InvitationCallId.TryParse(scene.InviteTo(carol).Request.CallId, out var key));
        Assert.Equal(scene.InviteTo(carol).Key, key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("--")]
    [InlineData("abc")]
    [InlineData("abc-def")]
    [InlineData("abc--p2")]
    [InlineData("abc-room-")]
    public void Others_do_not(string callId) => Assert.False(InvitationCallId.TryParse(callId, out _));
}
