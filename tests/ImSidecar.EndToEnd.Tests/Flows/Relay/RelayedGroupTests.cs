using ImSidecar.Client;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Relay;

/// <summary>RFC 4976 in a session: some reach the switch through the relay, others by themselves.</summary>
public sealed class RelayedGroupTests(DemoProfile profile) : Flow(profile)
{
    private static readonly string[] _settings =
        OurRelay.Settings(Directory.CreateTempSubdirectory("imsidecar-relay.").FullName, OurRelay.OfTheProfile);

    protected override IReadOnlyList<string> Settings => _settings;

    [Theory, InlineData(SetupRole.Active), InlineData(SetupRole.Passive)]
    public async Task Who_comes_through_the_relay_talks_with_who_does_not(SetupRole setup)
    {
        var (alice, bob, carol) = await RegisterThree();
        foreach (var handset in (Handset[])[alice, bob])
            await handset.UseRelayAsync(
                new() { Relays = [OurRelay.OfTheProfile] }, TestContext.Current.CancellationToken);

        var group = await Group.StartAsync(
            alice, [bob, carol],
            new() { Msrp = new() { OfferedSetup = setup } },
            new() { Msrp = new() { PreferredSetup = setup } });
        Assert.Equal(200, await group.SayAsync(alice, "through the relay"));
        Assert.Equal("through the relay", (await group.HearAsync(bob)).Text);
        Assert.Equal("through the relay", (await group.HearAsync(carol)).Text);

        var much = new string('x', 300_000);
        Assert.Equal(200, await group.SayAsync(carol, much));
        Assert.Equal(much, (await group.HearAsync(alice)).Text);
        Assert.Equal(much, (await group.HearAsync(bob)).Text);
    }

    [Fact]
    public async Task People_chat_through_the_relay_and_learn_when_it_does_not_take_them()
    {
        var relay = $"msrp://127.0.0.1:{OurRelay.OfTheProfile.EffectivePort}";
        await using var bob = ChatProcess.Start("demo", "--user", "bob", "--wait", "--relay", relay);
        await bob.SeesAsync("messages go through 127.0.0.1");
        await using var alice = ChatProcess.Start("demo", "--user", "alice", "--call", "bob", "--relay", relay);

        await bob.SeesAsync("calls: /accept or /reject");
        bob.Type("/accept");
        await alice.SeesAsync("you are in sip:bob@example.com");
        alice.Type("hello");
        await bob.SeesAsync("<alice> hello");
        bob.Type("good morning");
        await alice.SeesAsync("<bob> good morning");
        alice.Type("/quit");
        Assert.Equal(0, await alice.ExitAsync());

        // He is no user of the relay.
        await using var dave = ChatProcess.Start("demo", "--user", "dave", "--wait", "--relay", relay);
        await dave.SeesAsync("! no relay: the relay msrp://127.0.0.1");
        Assert.Equal(1, await dave.ExitAsync());
    }
}
