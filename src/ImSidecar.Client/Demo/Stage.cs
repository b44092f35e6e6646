using System.Text.Json.Nodes;
using static ImSidecar.Client.Demo.HandsetProcess;

namespace ImSidecar.Client.Demo;

/// <summary>The stage of the demo: who plays, what was played so far, and how it went.</summary>
internal sealed class Stage(DemoProfile profile, IReadOnlyList<HandsetProcess> handsets, Cast cast)
{
    private static readonly string[] _all = ["alice", "bob", "carol", Cast.Kamailio, Cast.Sidecar];

    private readonly List<DemoStep> _steps = [];
    private readonly List<string> _remarks = [];

    public static (string User, string Transport)[] Handsets =>
    [
        ("alice", "udp"), ("bob", "tcp"), ("carol", "udp"), ("mallory", "udp"), ("dave", "udp"), ("erin", "tcp"),
    ];

    /// <summary>The scenes, what the handsets say of them, and what Wireshark says.</summary>
    public int Planned => AdHocScene.Planned + GroupScene.Planned + ServedScene.Planned + 2
        + (profile.Operator is null ? 0 : AwayScene.Planned);

    public string Scenes => profile.Operator is null ? "three" : "four";

    public DemoProfile Profile => profile;

    public IReadOnlyList<DemoStep> Steps => _steps;

    public HandsetProcess this[string user] => handsets.Single(handset => handset.User == user);

    public async Task PlayAsync()
    {
        _ = await new AdHocScene(this).PlayAsync()
            && await new GroupScene(this).PlayAsync()
            && await new ServedScene(this).PlayAsync()
            && (profile.Operator is not { } sidecar || await new AwayScene(this, sidecar).PlayAsync())
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
        _steps.Add(new("Wireshark's dissectors find nothing malformed", _all, DateTimeOffset.MaxValue, failure));
    }

    /// <param name="title">What happens.</param>
    /// <param name="play">Throws a <see cref="SceneFailure"/> when it does not.</param>
    /// <param name="users">Whose lines are drawn; none: alice, bob and carol.</param>
    public async Task<bool> StepAsync(string title, Func<Task> play, params string[] users)
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
        string[] players = users.Length == 0 ? _all : [.. users, Cast.Kamailio, Cast.Sidecar];
        _steps.Add(new(title, players, DateTimeOffset.UtcNow, failure) { Remarks = [.. _remarks] });
        return failure is null;
    }

    public void Remark(string text) => _remarks.Add(text);

    public async Task RegisterAsync(params string[] users)
    {
        foreach (var user in users)
        {
            this[user].Send("register");
            var seen = await Wait(user, "for the answer to REGISTER", "registered");
            Expect(Text(seen, "status") == "200", $"REGISTER of {user} got {Text(seen, "status")}");
        }
    }

    /// <summary>Waits until the user's call stands and is connected; its session identity.</summary>
    public async Task<string> ConnectAsync(string user, string name)
    {
        var seen = await Wait(user, $"to be {name}", name);
        Learn(user, seen);
        await Wait(user, "for the MSRP connection", "connected");
        return Text(seen, "session");
    }

    /// <summary>Where the user's MSRP is, for the ladder.</summary>
    public void Learn(string user, JsonObject seen) => cast.Learn(user, Text(seen, "msrp"));

    /// <summary>Sends the command and waits for the refusal of the INVITE; its Warning.</summary>
    public async Task<string> RefusedAsync(string user, string command, string status)
    {
        this[user].Send(command);
        var seen = await Wait(user, "for the answer to INVITE", "refused");
        Expect(Text(seen, "status") == status, $"{user} got {Text(seen, "status")}");
        var warning = Text(seen, "warning");
        Expect(warning.Length > 0, $"the {status} has no Warning");
        Remark($"{user} reads: {warning}");
        return warning;
    }

    public async Task EndedAsync(string user)
    {
        var ended = await Wait(user, "for the BYE", "ended");
        Expect(Text(ended, "by") == "peer", $"{user}'s call was ended by {Text(ended, "by")}");
    }

    public async Task ByeAsync(string user)
    {
        this[user].Send("bye");
        var bye = await Wait(user, "for the answer to BYE", "bye");
        Expect(Text(bye, "status") == "200", $"BYE got {Text(bye, "status")}");
        await Wait(user, "for the end of its call", "ended");
    }

    public Task<JsonObject> Wait(string user, string what, string name) =>
        this[user].WaitAsync(what, seen => Is(seen, name), profile.Patience);

    public static void Expect(bool isSo, string otherwise)
    {
        if (!isSo)
            throw new SceneFailure(otherwise);
    }

    // What nobody waited for often says more than the wait that was in vain.
    private static IEnumerable<string> Surprises(HandsetProcess handset) => handset
        .Left(seen => Is(seen, "refused") || Is(seen, "ended") || Is(seen, "cancelled"))
        .Select(seen => $"{handset.User}: {seen.ToJsonString()}");

    private async Task CheckAsync()
    {
        foreach (var handset in handsets)
        {
            handset.Send("violations");
            var seen = await Wait(handset.User, "for its own list", "violations");
            Expect(Text(seen, "count") == "0", $"{handset.User} reports {seen["list"]?.ToJsonString()}");
        }
    }
}
