using ImSidecar.Core.Participating;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>imsidecarctl settings, from the command line through the socket to what is stored.</summary>
public sealed class ServedUserAdminTests : IAsyncLifetime
{
    private const string Alice = "sip:alice@example.com";

    private AdminHost? _host;

    private AdminHost Host => _host!;

    public async ValueTask InitializeAsync() => _host = await AdminHost.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    [Fact]
    public async Task Of_whom_nothing_is_known_everything_is_as_usual_and_nothing_is_stored()
    {
        var answer = await Host.ControlAsync("settings", "--user", Alice);

        Assert.Equal((0, "active: true\nvisible: true\ndelivery: default\n", ""), answer);
        Assert.Equal(0, Host.Store.Saves);
    }

    [Fact]
    public async Task What_is_set_is_stored_when_it_is_answered_and_taken_back_it_leaves_nothing()
    {
        var set = await Host.ControlAsync("settings", "--user", Alice, "--active", "false");

        Assert.Equal((0, "active: false\nvisible: true\ndelivery: default\n", ""), set);
        var stored = (ServedUser)(await Host.Store.SingleAsync()).State;
        Assert.Equal((false, true), (stored.Settings.IsActive, stored.Settings.IsVisible));

        await Host.ControlAsync("settings", "--user", Alice, "--visible", "false");
        var back = await Host.ControlAsync("settings", "--user", Alice, "--active", "true", "--visible", "true");
        Assert.Equal((0, "active: true\nvisible: true\ndelivery: default\n", ""), back);
        Assert.Equal(0, Host.Store.Count);
    }

    [Fact]
    public async Task How_he_gets_what_was_kept_is_set_and_shown()
    {
        var set = await Host.ControlAsync("settings", "--user", Alice, "--delivery", "notify");

        Assert.Equal((0, "active: true\nvisible: true\ndelivery: notify\n", ""), set);
        await Host.ControlAsync("settings", "--user", Alice, "--delivery", "default");
        Assert.Equal(0, Host.Store.Count);
        Assert.Equal(2, (await Host.ControlAsync("settings", "--user", Alice, "--delivery", "pigeon")).Code);
    }

    [Fact]
    public async Task Where_he_is_registered_is_shown()
    {
        await Host.Node.SendAsync(new SipEvent
        {
            Registration = new()
            {
                AddressOfRecord = Alice,
                Contact = "sip:alice@192.0.2.1",
                FeatureTags = { "audio" },
                ExpiresSeconds = 86400,
                CallId = "c",
                Cseq = 1,
            },
        });
        await Host.Node.Router.DrainAsync(CancellationToken.None);

        var (code, output, _) = await Host.ControlAsync("settings", "--user", Alice);

        Assert.Equal(0, code);
        Assert.Matches(@"contact: sip:alice@192\.0\.2\.1 \(Registrar, 86\d+ s, without the service\)\n$", output);
    }

    [Theory]
    [InlineData("alice", 2, "imsidecarctl: The user is no SIP or tel URI\n")]
    [InlineData("sip:carol@example.net", 3, "imsidecarctl: sip:carol@example.net is in none of Participating:Domains\n")]
    public async Task Who_is_not_served_has_no_settings(string user, int code, string error) =>
        Assert.Equal((code, "", error), await Host.ControlAsync("settings", "--user", user, "--active", "false"));
}
