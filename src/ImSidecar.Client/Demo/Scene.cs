using System.Text.Json.Nodes;
using static ImSidecar.Client.Demo.HandsetProcess;

namespace ImSidecar.Client.Demo;

/// <summary>The scene of the demo: three people talk in a group, one who is barred is refused.</summary>
internal sealed class Scene(DemoProfile profile, IReadOnlyList<HandsetProcess> handsets, Cast cast)
{
    private static readonly string[] _players = ["alice", "bob", "carol", Cast.Kamailio, Cast.Sidecar];

    private readonly List<DemoStep> _steps = [];
    private readonly List<string> _remarks = [];

    public static (string User, string Transport)[] Handsets =>
        [("alice", "udp"), ("bob", "tcp"), ("carol", "udp"), ("mallory", "udp")];

    public IReadOnlyList<DemoStep> Steps => _steps;

    public static int Planned => 12;

    private HandsetProcess Alice => handsets[0];

    private HandsetProcess Bob => handsets[1];

    private HandsetProcess Carol => handsets[2];

    private HandsetProcess Mallory => handsets[3];

    public async Task PlayAsync()
    {
        _ = await StepAsync("alice (UDP), bob (TCP) and carol (UDP) register with Kamailio", RegisterAsync)
            && await StepAsync("alice starts a group with bob and carol; both are invited", InviteAsync)
            && await StepAsync("bob rings and accepts: alice's session stands", BobAcceptsAsync)
            && await StepAsync("bob subscribes to the conference state and gets the full document", SubscribeAsync)
            && await StepAsync("carol rings: bob sees her alerting", CarolRingsAsync)
            && await StepAsync("carol accepts: bob sees her connected", CarolAcceptsAsync)
            && await StepAsync("all three talk: each message reaches the other two and not its sender", TalkAsync)
            && await StepAsync("carol leaves: bob sees it in a partial document", CarolLeavesAsync)
            && await StepAsync("alice leaves: the session is released, bob gets BYE and a last NOTIFY", ReleaseAsync)
            && await StepAsync("mallory is barred by the operator: 403 with a Warning", RefuseAsync,
                ["mallory", Cast.Kamailio, Cast.Sidecar])
            && await StepAsync("every handset checked what it received against the specifications", CheckAsync);
    }

    /// <summary>The last step: what Wireshark says of the capture.</summary>
    public void Judge(IReadOnlyList<WireMessage> messages)
    {
        if (_steps.Count < Planned - 1 || _steps.Any(step => !step.IsOk))
            return;

        var malformed = messages.Count(message => message.IsMalformed);
        var failure = messages.Count == 0 ? "the capture is empty"
            : malformed > 0 ? $"{malformed} of {messages.Count} messages are malformed"
            : null;
        _steps.Add(new("Wireshark's dissectors find nothing malformed", _players, DateTimeOffset.MaxValue, failure));
    }

    private async Task<bool> StepAsync(string title, Func<Task> play, string[]? players = null)
    {
        string? failure = null;
        _remarks.Clear();
        Report.ShowProgress($"{_steps.Count + 1} of {Planned}, {title}");
        try
        {
            await play();
        }
        catch (SceneFailure why)
        {
            failure = why.Message;
            _remarks.AddRange(handsets.SelectMany(Surprises));
        }

        // Answers to what was seen last are still on their way and belong to this step.
        await Task.Delay(TimeSpan.FromMilliseconds(150));
        _steps.Add(new(title, players ?? _players, DateTimeOffset.UtcNow, failure) { Remarks = [.. _remarks] });
        return failure is null;
    }

    // What nobody waited for often says more than the wait that was in vain.
    private static IEnumerable<string> Surprises(HandsetProcess handset) => handset
        .Left(seen => Is(seen, "refused") || Is(seen, "ended") || Is(seen, "cancelled"))
        .Select(seen => $"{handset.User}: {seen.ToJsonString()}");

    private async Task RegisterAsync()
    {
        foreach (var handset in handsets)
        {
            handset.Send("register");
            var seen = await Wait(handset, "for the answer to REGISTER", "registered");
            Expect(Text(seen, "status") == "200", $"REGISTER of {handset.User} got {Text(seen, "status")}");
        }
    }

    private async Task InviteAsync()
    {
        Alice.Send($"group {profile.Factory} {profile.UriOf("bob")},{profile.UriOf("carol")} Where to ski");
        foreach (var invited in (HandsetProcess[])[Bob, Carol])
        {
            var seen = await Wait(invited, "for the invitation", "incoming");
            var subject = Text(seen, "subject");
            Expect(subject == "Where to ski", $"{invited.User} sees the subject \"{subject}\"");
        }
    }

    private async Task BobAcceptsAsync()
    {
        Bob.Send("ring");
        await WaitForRingingAsync();
        Bob.Send("accept");
        await ConnectAsync(Bob, "accepted");
        var identity = await ConnectAsync(Alice, "answered");
        _remarks.Add($"session identity {identity}");
    }

    private Task<JsonObject> WaitForRingingAsync() => Alice.WaitAsync(
        "for 180", seen => Is(seen, "progress") && Text(seen, "status") == "180", profile.Patience);

    private async Task<string> ConnectAsync(HandsetProcess handset, string name)
    {
        var seen = await Wait(handset, $"to be {name}", name);
        cast.Learn(handset.User, Text(seen, "msrp"));
        await Wait(handset, "for the MSRP connection", "connected");
        return Text(seen, "session");
    }

    private async Task SubscribeAsync()
    {
        Bob.Send("subscribe");
        var answer = await Wait(Bob, "for the answer to SUBSCRIBE", "subscribed");
        Expect(Text(answer, "status") == "200", $"SUBSCRIBE got {Text(answer, "status")} {Text(answer, "warning")}");
        var seen = await Bob.WaitAsync("for the first NOTIFY", seen => Is(seen, "notify"), profile.NotifyPatience);
        Expect(Text(seen, "document") == "full", $"the first document is {Text(seen, "document")}");
        foreach (var user in (string[])["alice", "bob"])
            Expect(StatusIn(seen, "roster", user) == "connected", $"{user} is {StatusIn(seen, "roster", user)}");
        RemarkRoster(seen);
    }

    private async Task CarolRingsAsync()
    {
        Carol.Send("ring");
        RemarkRoster(await NotifiedAsync("carol", "alerting"));
    }

    private async Task CarolAcceptsAsync()
    {
        Carol.Send("accept");
        await ConnectAsync(Carol, "accepted");
        RemarkRoster(await NotifiedAsync("carol", "connected"));
    }

    private async Task TalkAsync()
    {
        await SayAsync(Alice, "Fresh snow, who drives?");
        await SayAsync(Bob, "I do.");
        await SayAsync(Carol, "Then I bring the sandwiches.");
        foreach (var handset in (HandsetProcess[])[Alice, Bob, Carol])
            Expect(handset.Left(seen => Is(seen, "message")).Count == 0, $"{handset.User} got a message too many");
    }

    private async Task SayAsync(HandsetProcess speaker, string text)
    {
        speaker.Send("say " + text);
        var sent = await Wait(speaker, "for the answer to SEND", "sent");
        Expect(Text(sent, "status") == "200", $"SEND of {speaker.User} got {Text(sent, "status")}");
        foreach (var listener in ((HandsetProcess[])[Alice, Bob, Carol]).Where(each => each != speaker))
        {
            var heard = await Wait(listener, $"for \"{text}\"", "message");
            Expect(Text(heard, "text") == text, $"{listener.User} got \"{Text(heard, "text")}\"");
            var from = Text(heard, "from");
            Expect(from == profile.UriOf(speaker.User), $"{listener.User} sees it from {from}");
        }
    }

    private async Task CarolLeavesAsync()
    {
        Carol.Send("bye");
        var bye = await Wait(Carol, "for the answer to BYE", "bye");
        Expect(Text(bye, "status") == "200", $"BYE got {Text(bye, "status")}");
        RemarkRoster(await NotifiedAsync("carol", "disconnected"));
    }

    private async Task ReleaseAsync()
    {
        Alice.Send("bye");
        var bye = await Wait(Alice, "for the answer to BYE", "bye");
        Expect(Text(bye, "status") == "200", $"BYE got {Text(bye, "status")}");
        var ended = await Wait(Bob, "for the BYE", "ended");
        Expect(Text(ended, "by") == "peer", $"bob's call was ended by {Text(ended, "by")}");
        var last = await Bob.WaitAsync("for the last NOTIFY",
            seen => Is(seen, "notify") && Text(seen, "state") == "terminated", profile.NotifyPatience);
        _remarks.Add($"bob's subscription is terminated, reason {Text(last, "reason")}");
    }

    private async Task RefuseAsync()
    {
        Mallory.Send($"group {profile.Factory} {profile.UriOf("bob")}");
        var seen = await Wait(Mallory, "for the answer to INVITE", "refused");
        Expect(Text(seen, "status") == "403", $"mallory got {Text(seen, "status")}");
        Expect(Text(seen, "warning").Length > 0, "the 403 has no Warning");
        _remarks.Add($"mallory reads: {Text(seen, "warning")}");
    }

    private async Task CheckAsync()
    {
        foreach (var handset in handsets)
        {
            handset.Send("violations");
            var seen = await Wait(handset, "for its own list", "violations");
            Expect(Text(seen, "count") == "0", $"{handset.User} reports {seen["list"]?.ToJsonString()}");
        }
    }

    // The rate limit may put several changes into one document, and one change may come with another before it.
    private async Task<JsonObject> NotifiedAsync(string user, string status)
    {
        var seen = await Bob.WaitAsync($"to see {user} {status}",
            seen => Is(seen, "notify") && StatusIn(seen, "users", user) == status, profile.NotifyPatience);
        Expect(Text(seen, "document") == "partial", $"the document is {Text(seen, "document")}");
        return seen;
    }

    private string StatusIn(JsonObject seen, string list, string user)
    {
        var entry = seen[list]?.AsArray().FirstOrDefault(each => each?["user"]?.ToString() == profile.UriOf(user));
        return entry?["status"]?.ToString() ?? "not there";
    }

    private void RemarkRoster(JsonObject seen)
    {
        var people = seen["roster"]?.AsArray().Select(each => $"{each?["user"]} {each?["status"]}") ?? [];
        _remarks.Add($"bob sees: {string.Join(", ", people)}");
    }

    private Task<JsonObject> Wait(HandsetProcess handset, string what, string name) =>
        handset.WaitAsync(what, seen => Is(seen, name), profile.Patience);

    private static void Expect(bool isSo, string otherwise)
    {
        if (!isSo)
            throw new SceneFailure(otherwise);
    }
}
