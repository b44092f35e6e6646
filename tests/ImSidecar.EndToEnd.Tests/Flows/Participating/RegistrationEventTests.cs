using ImSidecar.Client;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>Kamailio's own registrar tells us where somebody is, RFC 3680.</summary>
public class RegistrationEventTests(RegistrarProfile profile) : RegistrarFlow(profile)
{
    private readonly KamailioRegistrar _registrar = new();

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await _registrar.DisposeAsync();
    }

    [Fact, Trait("Spec", "RFC 3680 5")]
    public async Task Who_is_called_is_there_as_long_as_one_of_her_phones_is()
    {
        var (erin, other) = (await RegisterAsync(), await RegisterAsync());

        Assert.Equal((200, null), await SendAsync("to both"));
        foreach (var phone in (Handset[])[erin, other])
            Assert.Equal("to both", (await Next(phone.Messages)).Text);

        Assert.Equal(200, (await Within(other.RegisterAsync(0))).Status);
        Assert.Equal((200, null), await SendAsync("to one"));
        Assert.Equal("to one", (await Next(erin.Messages)).Text);

        Assert.Equal(200, (await Within(erin.RegisterAsync(0))).Status);
        await UntilAsync(480, NotAvailable);
        Assert.Equal(200, (await Within(other.RegisterAsync())).Status);
        await UntilAsync(200, null);
    }

    [Fact]
    public async Task After_kill_9_it_is_told_what_changed_meanwhile()
    {
        var erin = await RegisterAsync();
        Assert.Equal((200, null), await SendAsync("who makes us ask"));
        Assert.Equal(200, (await Within(erin.RegisterAsync(0))).Status);
        await UntilAsync(480, NotAvailable);
        Assert.Equal(200, (await Within(erin.RegisterAsync())).Status);
        await UntilAsync(200, null);

        await Profile.KillSidecarAsync();
        Assert.Equal(200, (await Within(erin.RegisterAsync(0))).Status);
        await Profile.StartSidecarAsync();

        // Without the text it is the registrar that answers, for we have not been told yet.
        await UntilAsync(480, NotAvailable);
    }

    private Task<Handset> RegisterAsync() => Handsets.RegisterAsync(User, options: new()
    {
        User = User,
        Domain = RegistrarProfile.Domain,
        Proxy = RegistrarProfile.Registrar,
    });

    // What is told arrives some time after who is registered knows it.
    private async Task UntilAsync(int status, string? warning)
    {
        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await SendAsync("is she there?") != (status, warning))
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
