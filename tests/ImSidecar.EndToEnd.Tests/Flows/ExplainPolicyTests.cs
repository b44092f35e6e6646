using System.Diagnostics;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>imsidecarctl, a process of its own, tells the operator what the Warning told the user.</summary>
public class ExplainPolicyTests(DemoProfile profile) : GroupFlow(profile)
{
    [Fact]
    public async Task The_operator_is_told_why_a_stranger_was_refused()
    {
        var erin = await Register("erin");
        await Owner.PutGroupAsync(GroupOfThree);

        var (status, warning) = await RefusedAsync(erin);
        var (code, output) = await ExplainAsync("sip:erin@example.com", "join-handling");
        var member = await ExplainAsync("sip:bob@example.com", "join-handling");

        Assert.Equal((403, 1), (status, code));
        Assert.Contains($"warning: {warning}", output, StringComparison.Ordinal);
        Assert.Contains("rule \"members\": is-list-member does not hold", output, StringComparison.Ordinal);
        Assert.Equal((0, "allowed: join-handling is true: rule \"members\" (is-list-member)\n"), member);
    }

    [Fact]
    public async Task A_group_makes_no_members_of_the_lists_of_others()
    {
        var alice = new XcapUser(Profile, "sip:alice@example.com");
        await alice.PutListsAsync(
            "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list name=\"friends\">"
            + "<entry uri=\"sip:erin@example.com\"/></list></resource-lists>");
        var group = GroupOfThree with { Externals = [alice.AnchorOf("friends")] };
        await new XcapUser(Profile, "sip:bob@example.com").PutGroupAsync(group);

        var spied = await ExplainAsync("sip:erin@example.com", "join-handling");

        Assert.Equal(1, spied.Code);
        Assert.Contains("is somebody else's", spied.Output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> ExplainAsync(string user, string action)
    {
        using var tool = Process.Start(new ProcessStartInfo("dotnet",
        [
            Built.ControlTool, "policy", "explain", "--socket", Profile.AdminSocket,
            "--group", Skiers, "--user", user, "--action", action,
        ])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (tool.ExitCode, output);
    }
}
