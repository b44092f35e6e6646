using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Deferred;

/// <summary>
/// The sidecar dies at each save of a session that leaves two messages: what was taken is there once, in order, and a
/// session that the sender has not got is none.
/// </summary>
public class LeftInCrashTests(DemoProfile profile) : AwayFlow(profile)
{
    private static readonly MsrpOptions _patient = new()
    {
        Reconnects = true,
        ResponseTimeout = TimeSpan.FromSeconds(2),
    };

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public async Task Nothing_that_was_taken_is_lost_or_comes_twice(int save)
    {
        var alice = await Register("alice");
        await Profile.DieAtSaveAsync(save);
        using var over = new CancellationTokenSource();
        var reviving = ReviveAsync(over.Token);

        var call = await CallUntilAnsweredAsync(alice);
        await TellAsync(alice, call, "first", "message-0001");
        await TellAsync(alice, call, "second", "message-0002");
        await over.CancelAsync();
        await reviving;
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);

        var messages = await FetchAsync(2);
        Assert.Contains("first", messages[0].Text, StringComparison.Ordinal);
        Assert.Contains("second", messages[1].Text, StringComparison.Ordinal);
        Assert.Equal((404, "No messages wait"), await RefusedFetchAsync());
    }

    // Whoever it died on was told so by Kamailio, and calls again.
    private async Task<Call> CallUntilAnsweredAsync(Handset alice)
    {
        while (true)
        {
            var calling = alice.Invite(Away, new() { Msrp = _patient });
            var answer = await Within(calling.Final);
            if (answer.IsSuccess)
                return await Within(calling.Answered);

            Assert.Equal(503, answer.Status);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        }
    }

    // Without an answer nobody knows: the same message once more, under its own name.
    private async Task TellAsync(Handset alice, Call call, string text, string id)
    {
        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!await IsTakenAsync())
            await tick.WaitForNextTickAsync(limit.Token);

        async Task<bool> IsTakenAsync()
        {
            try
            {
                return call.Msrp!.IsConnected && (await call.Msrp.SendTextAsync(
                    alice.AddressOfRecord, Away, text, new() { MessageId = id })).Status == 200;
            }
            catch (IOException)
            {
                // It died under the message.
                return false;
            }
        }
    }

    private async Task ReviveAsync(CancellationToken over)
    {
        try
        {
            while (!Profile.Sidecar.HasExited)
                await Task.Delay(20, over);
        }
        catch (OperationCanceledException)
        {
            // The session has fewer saves this time; one that is under way may still be the last.
            Profile.LetLive();
            for (var tries = 0; tries < 10 && !Profile.Sidecar.HasExited; tries++)
                await Task.Delay(20, CancellationToken.None);
        }

        Profile.LetLive();
        await Profile.StartSidecarAsync();
    }
}
