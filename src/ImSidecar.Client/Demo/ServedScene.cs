using ImSidecar.Client.Blocking;
using ImSidecar.Protocol.Sip;
using static ImSidecar.Client.Demo.HandsetProcess;
using static ImSidecar.Client.Demo.Stage;

namespace ImSidecar.Client.Demo;

/// <summary>The third scene: single messages, and users whom the sidecar serves have their say who reaches them.</summary>
internal sealed class ServedScene(Stage stage)
{
    private const string Refused = "403";

    public static int Planned => 5;

    public async Task<bool> PlayAsync() =>
        await stage.StepAsync("alice writes to bob: his handset answers, and tells her when he has read it", WriteAsync)
        && await stage.StepAsync("alice writes to a list: 202, then bob and carol have it", WriteToListAsync)
        && await stage.StepAsync("bob blocks dave by XCAP: neither message nor call reaches him", BlockAsync, "bob", "dave")
        && await stage.StepAsync("dave invites bob to a group: bob's rules are asked all the same", InviteAsync, "bob", "dave")
        && await stage.StepAsync("bob lets him: dave's message arrives", UnblockAsync, "bob", "dave");

    private async Task WriteAsync()
    {
        await SendAsync("alice", $"message {stage.Profile.UriOf("bob")} Lunch?", "200");
        await ReadAsync("bob", "Lunch?");
        await ToldAsync("delivered");
        stage["bob"].Send("displayed");
        await ToldAsync("displayed");
    }

    private async Task ToldAsync(string status)
    {
        var told = await stage.Wait("alice", $"to hear that it was {status}", "notification");
        Expect(Text(told, "status") == status, $"alice is told {Text(told, "status")}");
        stage.Remark($"alice is told: {status} by {Text(told, "by")}");
    }

    private async Task WriteToListAsync()
    {
        var profile = stage.Profile;
        await SendAsync(
            "alice", $"list {profile.Factory} {profile.UriOf("bob")},{profile.UriOf("carol")} Noon, at the lift", "202");
        foreach (var user in (string[])["bob", "carol"])
            await ReadAsync(user, "Noon, at the lift");
    }

    private async Task BlockAsync()
    {
        await ChangeListAsync(blocked => blocked.BlockAsync(Dave));
        var warning = await SendAsync("dave", $"message {stage.Profile.UriOf("bob")} Hello?", Refused);
        stage.Remark($"dave reads: {warning}");
        await stage.RefusedAsync("dave", $"invite {stage.Profile.UriOf("bob")}", Refused);
        Expect(stage["bob"].Left(seen => Is(seen, "page") || Is(seen, "incoming")).Count == 0, "something reached bob");
    }

    private async Task InviteAsync()
    {
        stage["dave"].Send($"group {stage.Profile.Factory} {stage.Profile.UriOf("bob")} Please");
        var seen = await stage.Wait("dave", "for the answer to INVITE", "refused");
        Expect(Text(seen, "status") == Refused, $"dave got {Text(seen, "status")}");
        Expect(stage["bob"].Left(each => Is(each, "incoming")).Count == 0, "bob was called");
    }

    private async Task UnblockAsync()
    {
        await ChangeListAsync(blocked => blocked.UnblockAsync(Dave));
        await SendAsync("dave", $"message {stage.Profile.UriOf("bob")} Thank you", "200");
        await ReadAsync("bob", "Thank you");
    }

    private SipUri Dave => SipUri.TryParse(stage.Profile.UriOf("dave"), out var uri)
        ? uri
        : throw new SceneFailure("dave has no address");

    private async Task<string> SendAsync(string user, string command, string status)
    {
        stage[user].Send(command);
        var sent = await stage.Wait(user, "for the answer to MESSAGE", "message-sent");
        Expect(Text(sent, "status") == status, $"{user} got {Text(sent, "status")} {Text(sent, "warning")}");
        return Text(sent, "warning");
    }

    private async Task ReadAsync(string user, string text)
    {
        var page = await stage.Wait(user, $"for \"{text}\"", "page");
        Expect(Text(page, "text") == text, $"{user} reads \"{Text(page, "text")}\"");
        stage.Remark($"{user} reads: {text}, from {Text(page, "from")}");
    }

    private async Task ChangeListAsync(Func<XcapBlockList, Task<bool>> change)
    {
        using var blocked = new XcapBlockList(new()
        {
            Root = new(stage.Profile.Http, "/xcap-root/"),
            User = stage.Profile.UriOf("bob"),
            Name = "bob",
            IdentityHeader = "X-3GPP-Asserted-Identity",
        });
        try
        {
            await blocked.FetchAsync();
            Expect(await change(blocked), "bob's list is as it was");
        }
        catch (XcapException error)
        {
            throw new SceneFailure($"bob's list: {error.Message}");
        }
    }
}
