using ImSidecar.Client.Sip;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>What a registrar tells, and that it tells no more, RFC 3680 and RFC 6665 4.1.3.</summary>
public class RegistrationDocumentTests(RegistrarProfile profile) : RegistrarFlow(profile)
{
    private const string Im = "+g.oma.sip-im";

    [Fact, Trait("Spec", "RFC 3680 5")]
    public async Task Who_has_no_phone_left_that_takes_messages_is_not_there()
    {
        using var registrar = new ScriptedRegistrar(Called);
        Assert.Equal((200, null), await SendAsync("who makes us ask"));
        var asked = await Next(registrar.Subscriptions);
        Assert.Equal(
            ("reg", "application/reginfo+xml", Called), (asked["Event"], asked["Accept"], asked.RequestUri));

        Assert.Equal(200, await registrar.NotifyAsync(
            asked, "active;expires=3600",
            Document(0, "full", Phone(1, "active", Im), Phone(2, "active", Im), Phone(3, "active", "+g.3gpp.smsip"))));
        Assert.Equal((200, null), await SendAsync("three phones"));

        Assert.Equal(200, await registrar.NotifyAsync(
            asked, "active", Document(1, "partial", Phone(1, "terminated", Im))));
        Assert.Equal((200, null), await SendAsync("two phones"));

        Assert.Equal(200, await registrar.NotifyAsync(
            asked, "active", Document(2, "partial", Phone(2, "terminated", Im))));
        Assert.Equal((480, NotAvailable), await SendAsync("one for calls only"));
    }

    [Fact, Trait("Spec", "RFC 6665 4.1.3")]
    public async Task A_registrar_that_ends_the_subscription_is_asked_again()
    {
        using var registrar = new ScriptedRegistrar(Called);
        Assert.Equal((200, null), await SendAsync("who makes us ask"));
        var first = await Next(registrar.Subscriptions);
        await registrar.NotifyAsync(first, "active", Document(0, "full", Phone(1, "active", Im)));

        Assert.Equal(200, await registrar.NotifyAsync(first, "terminated;reason=deactivated"));

        var second = await Next(registrar.Subscriptions);
        Assert.NotEqual(first.CallId, second.CallId);
        Assert.Equal(481, await registrar.NotifyAsync(first, "active", Document(1, "full")));
        Assert.Equal((200, null), await SendAsync("not told yet"));
        Assert.Equal(200, await registrar.NotifyAsync(second, "active", Document(0, "full")));
        Assert.Equal((480, NotAvailable), await SendAsync("told"));
    }

    [Fact]
    public async Task After_kill_9_it_is_asked_to_tell_all_again()
    {
        using var registrar = new ScriptedRegistrar(Called);
        Assert.Equal((200, null), await SendAsync("who makes us ask"));
        var first = await Next(registrar.Subscriptions);
        await registrar.NotifyAsync(first, "active", Document(0, "full", Phone(1, "active", Im)));
        Assert.Equal((200, null), await SendAsync("told"));

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();

        var refresh = await Next(registrar.Subscriptions);
        Assert.Equal((first.CallId, "registrar", first.CSeq + 1), (refresh.CallId, refresh.ToTag, refresh.CSeq));
        Assert.Equal(200, await registrar.NotifyAsync(first, "active", Document(7, "full")));
        Assert.Equal((480, NotAvailable), await SendAsync("told otherwise"));
    }

    private string Document(int version, string state, params string[] phones) =>
        $"<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"{version}\" state=\"{state}\">"
        + $"<registration aor=\"{Called}\" id=\"r\" state=\"active\">{string.Concat(phones)}</registration></reginfo>";

    private static string Phone(int number, string state, string tag) =>
        $"<contact id=\"{number}\" state=\"{state}\" event=\"registered\" expires=\"600\">"
        + $"<uri>sip:erin@192.0.2.{number}</uri><unknown-param name=\"{tag}\"/></contact>";
}
