using System.Globalization;
using static ImSidecar.Client.Demo.HandsetProcess;
using static ImSidecar.Client.Demo.Stage;

namespace ImSidecar.Client.Demo;

/// <summary>The fourth scene: what is said to who is away outlives the sidecar and is brought to him, D.2 A.</summary>
internal sealed class AwayScene(Stage stage, SidecarOperator sidecar)
{
    private const string Message = "Dinner at eight, bring the map";

    public static int Planned => 4;

    private string Dave => stage.Profile.UriOf("dave");

    public async Task<bool> PlayAsync() =>
        await stage.StepAsync("dave goes, and alice writes to him: 202, for it is on disk", LeaveAsync, "alice", "dave")
        && await stage.StepAsync("the sidecar is killed with -9 and started again", RestartAsync, "alice", "dave")
        && await stage.StepAsync("dave comes: he is called and gets the message over MSRP", ComeAsync, "alice", "dave")
        && await stage.StepAsync("dave has confirmed it: nothing is left for him", NothingLeftAsync, "dave");

    private async Task LeaveAsync()
    {
        stage["dave"].Send("register 0");
        await stage.Wait("dave", "for the answer to REGISTER", "registered");
        stage["alice"].Send($"message {Dave} {Message}");
        var sent = await stage.Wait("alice", "for the answer to MESSAGE", "message-sent");
        Expect(Text(sent, "status") == "202", $"alice got {Text(sent, "status")} {Text(sent, "warning")}");
        await ShowKeptAsync(1);
    }

    private async Task RestartAsync()
    {
        await sidecar.RestartAsync();
        await ShowKeptAsync(1);
    }

    private async Task ComeAsync()
    {
        await stage.RegisterAsync("dave");
        var push = await stage.Wait("dave", "to be called", "push");
        var message = await stage.Wait("dave", "for the message", "deferred");
        stage.Learn("dave", message);
        Expect(Text(message, "text") == Message, $"dave reads \"{Text(message, "text")}\"");
        await stage.EndedAsync("dave");
        Expect(stage["dave"].Left(seen => Is(seen, "deferred")).Count == 0, "it was brought more than once");
        stage.Remark($"dave is called by {Text(push, "from")} and reads: {Message}, from {Text(message, "from")}, "
            + $"received {ReceivedAt(Text(message, "time")):yyyy-MM-dd HH:mm:ss} UTC");
    }

    private Task NothingLeftAsync() => ShowKeptAsync(0);

    private async Task ShowKeptAsync(int count)
    {
        var kept = await sidecar.KeptAsync(Dave);
        Expect(kept[0] == $"messages: {count}", $"imsidecarctl says {kept[0]}");
        stage.Remark($"imsidecarctl deferred --user {Dave}: {string.Join("; ", kept)}");
    }

    private static DateTimeOffset ReceivedAt(string time)
    {
        var at = DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var parsed) ? parsed : default;
        Expect(
            at > DateTimeOffset.UtcNow.AddMinutes(-5) && at < DateTimeOffset.UtcNow.AddSeconds(1),
            $"the message says it was received at \"{time}\"");
        return at;
    }
}
