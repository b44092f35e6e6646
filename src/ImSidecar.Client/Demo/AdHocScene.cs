using System.Text.Json.Nodes;
using static ImSidecar.Client.Demo.HandsetProcess;
using static ImSidecar.Client.Demo.Stage;

namespace ImSidecar.Client.Demo;

/// <summary>The first scene: three people talk in an ad-hoc group, one who is barred is refused.</summary>
internal sealed class AdHocScene(Stage stage)
{
    private static readonly string[] _three = ["alice", "bob", "carol"];

    public static int Planned => 10;

    public async Task<bool> PlayAsync() =>
        await stage.StepAsync("alice (UDP), bob (TCP) and carol (UDP) register with Kamailio", RegisterAsync)
        && await stage.StepAsync("alice starts a group with bob and carol; both are invited", InviteAsync)
        && await stage.StepAsync("bob rings and accepts: alice's session stands", BobAcceptsAsync)
        && await stage.StepAsync("bob subscribes to the conference state and gets the full document", SubscribeAsync)
        && await stage.StepAsync("carol rings: bob sees her alerting", CarolRingsAsync)
        && await stage.StepAsync("carol accepts: bob sees her connected", CarolAcceptsAsync)
        && await stage.StepAsync("all three talk: each message reaches the other two and not its sender", TalkAsync)
        && await stage.StepAsync("carol leaves: bob sees it in a partial document", CarolLeavesAsync)
        && await stage.StepAsync("alice leaves: the session is released, bob gets BYE and a last NOTIFY", ReleaseAsync)
        && await stage.StepAsync("mallory is barred by the operator: 403 with a Warning", RefuseAsync, "mallory");

    private Task RegisterAsync() => stage.RegisterAsync([.. _three, "mallory"]);

    private async Task InviteAsync()
    {
        var profile = stage.Profile;
        stage["alice"].Send($"group {profile.Factory} {profile.UriOf("bob")},{profile.UriOf("carol")} Where to ski");
        foreach (var invited in (string[])["bob", "carol"])
        {
            var seen = await stage.Wait(invited, "for the invitation", "incoming");
            var subject = Text(seen, "subject");
            Expect(subject == "Where to ski", $"{invited} sees the subject \"{subject}\"");
        }
    }

    private async Task BobAcceptsAsync()
    {
        stage["bob"].Send("ring");
        await stage["alice"].WaitAsync(
            "for 180", seen => Is(seen, "progress") && Text(seen, "status") == "180", stage.Profile.Patience);
        stage["bob"].Send("accept");
        await stage.ConnectAsync("bob", "accepted");
        var identity = await stage.ConnectAsync("alice", "answered");
        stage.Remark($"session identity {identity}");
    }

    private async Task SubscribeAsync()
    {
        stage["bob"].Send("subscribe");
        var answer = await stage.Wait("bob", "for the answer to SUBSCRIBE", "subscribed");
        Expect(Text(answer, "status") == "200", $"SUBSCRIBE got {Text(answer, "status")} {Text(answer, "warning")}");
        var seen = await stage["bob"].WaitAsync(
            "for the first NOTIFY", seen => Is(seen, "notify"), stage.Profile.NotifyPatience);
        Expect(Text(seen, "document") == "full", $"the first document is {Text(seen, "document")}");
        foreach (var user in (string[])["alice", "bob"])
            Expect(StatusIn(seen, "roster", user) == "connected", $"{user} is {StatusIn(seen, "roster", user)}");
        RemarkRoster(seen);
    }

    private async Task CarolRingsAsync()
    {
        stage["carol"].Send("ring");
        RemarkRoster(await NotifiedAsync("carol", "alerting"));
    }

    private async Task CarolAcceptsAsync()
    {
        stage["carol"].Send("accept");
        await stage.ConnectAsync("carol", "accepted");
        RemarkRoster(await NotifiedAsync("carol", "connected"));
    }

    private async Task TalkAsync()
    {
        await SayAsync("alice", "Fresh snow, who drives?");
        await SayAsync("bob", "I do.");
        await SayAsync("carol", "Then I bring the sandwiches.");
        foreach (var user in _three)
            Expect(stage[user].Left(seen => Is(seen, "message")).Count == 0, $"{user} got a message too many");
    }

    private async Task SayAsync(string speaker, string text)
    {
        stage[speaker].Send("say " + text);
        var sent = await stage.Wait(speaker, "for the answer to SEND", "sent");
        Expect(Text(sent, "status") == "200", $"SEND of {speaker} got {Text(sent, "status")}");
        foreach (var listener in _three.Where(each => each != speaker))
        {
            var heard = await stage.Wait(listener, $"for \"{text}\"", "message");
            Expect(Text(heard, "text") == text, $"{listener} got \"{Text(heard, "text")}\"");
            var from = Text(heard, "from");
            Expect(from == stage.Profile.UriOf(speaker), $"{listener} sees it from {from}");
        }
    }

    private async Task CarolLeavesAsync()
    {
        await stage.ByeAsync("carol");
        RemarkRoster(await NotifiedAsync("carol", "disconnected"));
    }

    private async Task ReleaseAsync()
    {
        await stage.ByeAsync("alice");
        await stage.EndedAsync("bob");
        var last = await stage["bob"].WaitAsync(
            "for the last NOTIFY",
            seen => Is(seen, "notify") && Text(seen, "state") == "terminated", stage.Profile.NotifyPatience);
        stage.Remark($"bob's subscription is terminated, reason {Text(last, "reason")}");
    }

    private Task RefuseAsync() => stage.RefusedAsync(
        "mallory", $"group {stage.Profile.Factory} {stage.Profile.UriOf("bob")}", "403");

    // The rate limit may put several changes into one document, and one change may come with another before it.
    private async Task<JsonObject> NotifiedAsync(string user, string status)
    {
        var seen = await stage["bob"].WaitAsync(
            $"to see {user} {status}",
            seen => Is(seen, "notify") && StatusIn(seen, "users", user) == status, stage.Profile.NotifyPatience);
        Expect(Text(seen, "document") == "partial", $"the document is {Text(seen, "document")}");
        return seen;
    }

    private string StatusIn(JsonObject seen, string list, string user)
    {
        var uri = stage.Profile.UriOf(user);
        var entry = seen[list]?.AsArray().FirstOrDefault(each => each?["user"]?.ToString() == uri);
        return entry?["status"]?.ToString() ?? "not there";
    }

    private void RemarkRoster(JsonObject seen)
    {
        var people = seen["roster"]?.AsArray().Select(each => $"{each?["user"]} {each?["status"]}") ?? [];
        stage.Remark($"bob sees: {string.Join(", ", people)}");
    }
}
