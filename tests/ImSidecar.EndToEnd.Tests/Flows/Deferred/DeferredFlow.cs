using System.Diagnostics;
using System.Globalization;
using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Deferred;

/// <summary>Flows of users of example.com for whom messages are kept while they are away; bob gets them.</summary>
public abstract class DeferredFlow(DemoProfile profile) : Flow(profile)
{
    protected const string Bob = "sip:bob@example.com";

    protected override IReadOnlyList<string> Settings =>
    [
        "--Participating:Domains:0=example.com", "--Deferred:PushRetryInterval=00:00:01",
        "--Controlling:MediaReconnect=00:00:02",
    ];

    protected override async Task TidyAsync()
    {
        await Profile.StartSidecarAsync();
        foreach (var user in (string[])[Bob, "sip:alice@example.com", "sip:carol@example.com"])
            await ControlAsync("deferred", "--user", user, "--purge");
        await new XcapUser(Profile, Bob).ForgetAsync();
    }

    /// <summary>A MESSAGE to bob: status and Warning.</summary>
    protected static async Task<(int Status, string? Warning)> LeaveAsync(
        Handset from, string text, params (string Name, string Value)[] headers)
    {
        var message = from.CreateRequest("MESSAGE", Bob)
            .Add("Accept-Contact", "*;+g.oma.sip-im")
            .WithBody("text/plain", Encoding.UTF8.GetBytes(text));
        foreach (var (name, value) in headers)
            message.Add(name, value);
        var answer = await Within(from.SendAsync(message));
        return (answer.Status, WarningOf(answer));
    }

    /// <summary>Bob comes, and is called for what was kept.</summary>
    protected async Task<(Handset Bob, IncomingCall Push)> ComesAsync(HandsetOptions? options = null)
    {
        var bob = await Register("bob", options: options);
        return (bob, await Next(bob.IncomingCalls));
    }

    protected Task RestartAsync() => RestartAsync(Settings);

    protected async Task RestartAsync(IReadOnlyList<string> settings)
    {
        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync(settings);
    }

    /// <summary>How many messages are kept for bob.</summary>
    protected async Task<int> KeptAsync()
    {
        var output = await ControlAsync("deferred", "--user", Bob);
        return int.Parse(output.Split('\n')[0]["messages: ".Length..], CultureInfo.InvariantCulture);
    }

    protected async Task AssertKeptAsync(int count) =>
        await Eventually(async () => await KeptAsync() == count, $"{count} messages are kept");

    private static async Task Eventually(Func<Task<bool>> isSo, string what)
    {
        for (var tries = 0; !await isSo(); tries++)
        {
            Assert.True(tries < 40, what);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
