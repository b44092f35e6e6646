using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Media;

/// <summary>RFC 4975 14.4: MSRP over TLS between peers that only know each other's fingerprint.</summary>
public class TlsTests(DemoProfile profile) : MediaFlow(profile)
{
    private readonly MsrpTls _tls = MsrpTls.SelfSigned("alice");

    protected override IReadOnlyList<string> Settings => TlsFiles.Settings;

    [Theory]
    [InlineData(SetupRole.ActPass)]
    [InlineData(SetupRole.Passive)]
    public async Task Who_comes_by_TLS_and_who_comes_without_are_in_one_group(SetupRole setup)
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);

        var secure = await JoinAsync(alice, Over(new() { Tls = _tls, OfferedSetup = setup }));
        var plain = await JoinAsync(bob);
        await TalkAsync((alice, secure), (bob, plain));

        Assert.Equal([TlsFiles.First.Fingerprint], secure.Msrp!.Remote!.Fingerprints);
        Assert.True(secure.Msrp.Remote.Path[0] is { IsSecure: true, Port: 2857 });
        Assert.Equal(setup == SetupRole.ActPass, secure.Msrp.IsActive);
        Assert.False(plain.Msrp!.Remote!.Path[0].IsSecure);
    }

    [Fact]
    public async Task A_reinvite_leaves_the_connection_and_a_killed_sidecar_gets_it_again()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        var options = Over(new() { Tls = _tls, Reconnects = true });
        var (one, other) = (await JoinAsync(alice, options), await JoinAsync(bob, options));
        await TalkAsync((alice, one), (bob, other));
        var bound = one.Msrp!.Bound;

        Assert.Equal(200, (await Within(one.ReinviteAsync())).Status);
        await TalkAsync((alice, one), (bob, other));
        Assert.Same(bound, one.Msrp.Bound);

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();
        await Until(() => one.Msrp.IsConnected && other.Msrp!.IsConnected);
        Assert.Equal((200, 200), (await BoundAsync(one), await BoundAsync(other)));
        await TalkAsync((alice, one), (bob, other));
    }

    [Fact]
    public async Task People_talk_by_TLS_and_as_from_a_browser()
    {
        await Owner.PutGroupAsync(GroupOfThree);
        await using var alice = ChatProcess.Start("demo", "--user", "alice", "--group", Skiers, "--tls");
        await alice.SeesAsync($"you are in {Skiers}");
        await using var bob = ChatProcess.Start(
            "demo", "--user", "bob", "--group", Skiers, "--websocket", "ws://127.0.0.1:8080/msrp");
        await alice.SeesAsync("* bob joined");

        bob.Type("hello from the browser");
        await alice.SeesAsync("<bob> hello from the browser");
        alice.Type("hello by TLS");
        await bob.SeesAsync("<alice> hello by TLS");
        alice.Type("/quit");
        bob.Type("/quit");

        Assert.Equal((0, 0), (await alice.ExitAsync(), await bob.ExitAsync()));
    }

    [Fact]
    public async Task Who_has_not_the_certificate_that_he_says_gets_403()
    {
        var alice = await Register("alice");
        await Owner.PutGroupAsync(GroupOfThree);

        var liar = await JoinAsync(
            alice, Over(new() { Tls = _tls with { Fingerprint = MsrpTls.SelfSigned("other").Fingerprint } }));

        Assert.Equal(403, await BoundAsync(liar));
    }

    [Fact]
    public async Task Nobody_speaks_to_another_certificate_than_that_of_the_description()
    {
        var alice = await Register("alice");
        await Owner.PutGroupAsync(GroupOfThree);

        var liar = await JoinAsync(alice, Over(new()
        {
            OfferedSetup = SetupRole.Passive,
            Tls = _tls with { Fingerprint = MsrpTls.SelfSigned("other").Fingerprint },
        }));

        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.False(liar.Msrp!.IsConnected);
    }

    [Fact]
    public async Task A_new_certificate_is_for_new_sessions_and_the_old_ones_go_on()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        var before = await JoinAsync(alice, Over(new() { Tls = _tls }));
        var plain = await JoinAsync(bob);
        await TalkAsync((alice, before), (bob, plain));
        try
        {
            var next = MsrpTls.SelfSigned("im.example.com");
            await ReplaceAsync(next);

            var after = await JoinAsync(carol, Over(new() { Tls = MsrpTls.SelfSigned("carol") }));
            Assert.Equal([next.Fingerprint], after.Msrp!.Remote!.Fingerprints);
            Assert.Equal(200, await BoundAsync(after));
            await TalkAsync((alice, before), (bob, plain));
        }
        finally
        {
            await ReplaceAsync(TlsFiles.First);
        }
    }

    // Taken when the sidecar says so.
    private async Task ReplaceAsync(MsrpTls tls)
    {
        var said = File.ReadAllText(Profile.Sidecar.Log).Length;
        TlsFiles.Write(tls);
        await Until(() => File.ReadAllText(Profile.Sidecar.Log)[said..].Contains(tls.Fingerprint, StringComparison.Ordinal));
    }
}
