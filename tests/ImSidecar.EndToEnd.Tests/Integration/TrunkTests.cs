using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.EndToEnd.Tests.Sipp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Integration;

/// <summary>README, "Asterisk": a trunk to the core socket, with SIPp in its place; a real one was not tried.</summary>
[Collection(ExampleUsers.Name)]
public sealed class TrunkTests
{
    private const string Group = "sip:skiers@groups.example.com";

    [Fact]
    public async Task A_PBX_on_a_trunk_reaches_a_group_and_a_user_and_is_who_its_From_names()
    {
        var configuration = "#!KAMAILIO\n#!define TRUNK \"127.0.0.1\"\n" + Example.Read("example-kamailio.cfg");
        await using var profile = new DemoProfile(Example.Profile(configuration));
        await profile.InitializeAsync();
        await using var handsets = new Handsets();
        var bob = await handsets.RegisterAsync("bob");
        var carol = await handsets.RegisterAsync("carol");
        var members = new[] { "sip:alice@example.com", bob.AddressOfRecord, carol.AddressOfRecord };
        await new XcapUser(profile, members[0]).PutGroupAsync(new GroupXml(Group, members));

        await using var sipp = SippRun.Start("trunk.xml", new SippOptions
        {
            User = "asterisk",
            Target = "127.0.0.1:5070",
            Keys = [("group", "skiers")],
        });
        await (await Next(bob.IncomingCalls)).RejectAsync();
        await sipp.SucceedsAsync();

        var heard = new[] { await Next(carol.Messages), await Next(bob.Messages), await Next(bob.Messages) };
        Assert.All(heard, message => Assert.Contains(members[0], message["From"]!, StringComparison.Ordinal));
        await handsets.LeaveAsync();
    }
}
