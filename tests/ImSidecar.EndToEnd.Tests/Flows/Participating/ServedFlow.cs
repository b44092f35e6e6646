using System.Diagnostics;
using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>Flows of users of example.com, who are served: their requests pass both halves in one Kamailio.</summary>
public abstract class ServedFlow(DemoProfile profile) : Flow(profile)
{
    protected const string NotAvailable = "User is not available";

    protected override IReadOnlyList<string> Settings =>
        ["--Participating:Domains:0=example.com", "--Deferred:Enabled=false"];

    protected XcapUser Bob => new(Profile, "sip:bob@example.com");

    protected override Task TidyAsync() => Bob.ForgetAsync();

    protected static Task<SipMessage> SendAsync(
        Handset from, string to, string text = "one line", params (string Name, string Value)[] headers)
    {
        var message = from.CreateRequest("MESSAGE", to)
            .Add("Accept-Contact", "*;+g.oma.sip-im")
            .WithBody("text/plain", Encoding.UTF8.GetBytes(text));
        foreach (var (name, value) in headers)
            message.Add(name, value);
        return Within(from.SendAsync(message));
    }

    /// <summary>An INVITE that is refused: status and Warning.</summary>
    protected static async Task<(int, string?)> RefusedAsync(Handset from, string to)
    {
        var answer = await Within(from.Invite(to).Final);
        return (answer.Status, WarningOf(answer));
    }

    protected Task BlockAsync(params string[] users) => Bob.BlockAsync(users);

    protected async Task RuleAsync(string conditions, string actions)
    {
        using var answer = await Bob.PutRulesAsync(
            "<cr:ruleset xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\" xmlns:ocp=\"urn:oma:xml:xdm:common-policy\""
            + " xmlns:oxe=\"urn:oma:xml:xdm:extensions\" xmlns:poc=\"urn:oma:xml:poc:poc-rules\"><cr:rule id=\"r\">"
            + $"<cr:conditions>{conditions}</cr:conditions><cr:actions>{actions}</cr:actions>"
            + "<cr:transformations/></cr:rule></cr:ruleset>");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    protected async Task SetAsync(string user, params string[] settings)
    {
        using var tool = Process.Start(new ProcessStartInfo("dotnet",
            [Built.ControlTool, "settings", "--socket", Profile.AdminSocket, "--user", user, .. settings])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(tool.ExitCode == 0, output);
    }
}
