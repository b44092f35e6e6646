using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>App. D.2, step 1: a registrar that has to be asked is asked as long as something is kept for her.</summary>
public sealed class AwaitedUserTests(RegistrarProfile profile) : RegistrarFlow(profile)
{
    private readonly KamailioRegistrar _registrar = new();

    public override async ValueTask InitializeAsync()
    {
        await Profile.StartSidecarAsync(
            [
                "--Deferred:Enabled=true", "--Controlling:SubscriptionDuration=00:00:04",
                "--Controlling:MinSubscriptionDuration=00:00:01",
            ]);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await _registrar.DisposeAsync();
        await Profile.StartSidecarAsync([]);
    }

    [Fact, Trait("Spec", "IM D.2/A1"), Trait("Spec", "RFC 3680 5")]
    public async Task Who_comes_long_after_she_was_written_to_is_called()
    {
        var erin = await RegisterAsync();
        Assert.Equal((200, null), await SendAsync("who makes us ask"));
        Assert.Equal("who makes us ask", (await Next(erin.Messages)).Text);
        Assert.Equal(200, (await Within(erin.RegisterAsync(0))).Status);
        using (var limit = new CancellationTokenSource(Soon))
        {
            while (await SendAsync("for later") != (202, null))
                await Task.Delay(100, limit.Token);
        }

        // The first subscription is over by then.
        await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
        Assert.Equal(200, (await Within(erin.RegisterAsync())).Status);

        var push = await Next(erin.IncomingCalls);
        var call = (await Within(push.AcceptAsync(new() { Msrp = DeferredPush.AnyForm })))!;
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        Assert.Equal("for later", DeferredText.Of(Read(call.Msrp!.Messages)[^1])!.Text);
    }

    private Task<ImSidecar.Client.Handset> RegisterAsync() => Handsets.RegisterAsync(User, options: new()
    {
        User = User,
        Domain = RegistrarProfile.Domain,
        Proxy = RegistrarProfile.Registrar,
    });
}
