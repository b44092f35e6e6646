using System.Diagnostics;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Size;

/// <summary>IM 7.2.1.3: a pre-defined group of a thousand members that invites them all.</summary>
public sealed class ThousandMembersTests(SizeProfile profile) : SizeFlow(profile)
{
    private const string Thousand = "sip:thousand@groups.example.com";

    [Fact, Trait("Spec", "IM 7.2.1.3/8a")]
    public async Task They_are_invited_at_the_pace_of_the_operator_and_all_come()
    {
        await using var crowd = await Crowd.Crowd.RegisterAsync("g", 1000, new() { Ports = 8, Connects = _ => false });
        var (inviter, last) = (crowd.Members[0], crowd.Members[^1]);
        last.Answer = 0;
        await new XcapUser(Profile, inviter.AddressOfRecord).PutGroupAsync(
            new(Thousand, [.. crowd.Members.Select(member => member.AddressOfRecord)]) { InvitesMembers = true });

        var start = Stopwatch.GetTimestamp();
        Assert.Equal(200, (await Within(inviter.CallAsync(Thousand))).Status);
        await Until(() => last.IsRinging);
        var took = Stopwatch.GetElapsedTime(start);
        await Until(() => crowd.Members.Except([last]).All(member => member.IsIn));
        last.PickUp();
        await Within(last.Joined);

        // 999 INVITEs at 400 in a second, and a hundred at once.
        Assert.InRange(took.TotalSeconds, 899 / 400.0, 30);
        Assert.Equal(200, (await inviter.SubscribeAsync()).Status);
        await Until(() => inviter.Watch.UserCount == crowd.Members.Count);

        Assert.Equal(200, (await Within(inviter.LeaveAsync())).Status);
        await Until(() => crowd.Members.Skip(1).All(member => member.WasSentAway));
        Assert.Empty(crowd.Faults);
        Profile.ThrowIfDead();
    }
}
