using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Flows.Loss;

/// <summary>
/// Everything that waits for the real timers of RFC 3261, all at the same time, each flow with handsets of its own; a
/// test looks at the outcome of one.
/// </summary>
public sealed class LossFlows(DemoProfile profile) : IAsyncLifetime
{
    private readonly List<Task> _all = [];

    public Task LostOnce { get; private set; } = Task.CompletedTask;

    public Task Doubled { get; private set; } = Task.CompletedTask;

    public Task LostByChance { get; private set; } = Task.CompletedTask;

    public Task CancelLostOnce { get; private set; } = Task.CompletedTask;

    public Task CancelDoubled { get; private set; } = Task.CompletedTask;

    public Task FifthCopy { get; private set; } = Task.CompletedTask;

    public Task LateAck { get; private set; } = Task.CompletedTask;

    public Task NoAck { get; private set; } = Task.CompletedTask;

    public Task NoAckFromOneOfTwo { get; private set; } = Task.CompletedTask;

    public Task NoAckForReinvite { get; private set; } = Task.CompletedTask;

    public Task InviteRepeatedBeforeAck { get; private set; } = Task.CompletedTask;

    public Task InviteRepeatedAfterAck { get; private set; } = Task.CompletedTask;

    public Task InviteRepeatedOnAnotherPath { get; private set; } = Task.CompletedTask;

    public Task Repeated200 { get; private set; } = Task.CompletedTask;

    public Task LateFork { get; private set; } = Task.CompletedTask;

    public Task LaterFork { get; private set; } = Task.CompletedTask;

    public Task AcceptedAfterCancel { get; private set; } = Task.CompletedTask;

    public Task AcceptedLongAfterCancel { get; private set; } = Task.CompletedTask;

    public Task ByeBefore200 { get; private set; } = Task.CompletedTask;

    public Task SilentWatcher { get; private set; } = Task.CompletedTask;

    public Task SilentLeaver { get; private set; } = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        await profile.StartSidecarAsync([]);
        LostOnce = Start(CopyFlows.LostOnceAsync);
        Doubled = Start(CopyFlows.DoubledAsync);
        LostByChance = Start(CopyFlows.LostByChanceAsync);
        CancelLostOnce = Start(handsets => CopyFlows.CancelAsync(handsets, CopyFlows.LosesFirstCopies));
        CancelDoubled = Start(handsets => CopyFlows.CancelAsync(handsets, CopyFlows.Doubles));
        FifthCopy = Start(AckFlows.FifthCopyAsync);
        LateAck = Start(AckFlows.LateAckAsync);
        NoAck = Start(AckFlows.NoAckAsync);
        NoAckFromOneOfTwo = Start(AckFlows.NoAckFromOneOfTwoAsync);
        NoAckForReinvite = Start(AckFlows.NoAckForReinviteAsync);
        InviteRepeatedBeforeAck = Start(InviteFlows.RepeatedBeforeAckAsync);
        InviteRepeatedAfterAck = Start(InviteFlows.RepeatedAfterAckAsync);
        InviteRepeatedOnAnotherPath = Start(InviteFlows.RepeatedOnAnotherPathAsync);
        Repeated200 = Start(CalleeFlows.Repeated200Async);
        LateFork = Start(handsets => CalleeFlows.LateForkAsync(handsets, 7));
        LaterFork = Start(handsets => CalleeFlows.LateForkAsync(handsets, 33));
        AcceptedAfterCancel = Start(handsets => CalleeFlows.AcceptedAfterCancelAsync(handsets, 8));
        AcceptedLongAfterCancel = Start(handsets => CalleeFlows.AcceptedAfterCancelAsync(handsets, 34));
        ByeBefore200 = Start(CalleeFlows.ByeOvertakes200Async);
        SilentWatcher = Start(SilenceFlows.NotifyAsync);
        SilentLeaver = Start(SilenceFlows.ByeAsync);
    }

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private Task Start(Func<Handsets, Task> flow)
    {
        var handsets = new Handsets($".l{_all.Count}");

        // It outlives the context of this fixture's start.
        using (ExecutionContext.SuppressFlow())
            _all.Add(Task.Run(() => RunAsync(flow, handsets)));
        return _all[^1];
    }

    private async Task RunAsync(Func<Handsets, Task> flow, Handsets handsets)
    {
        await using (handsets)
        {
            try
            {
                await flow(handsets);
                await handsets.LeaveAsync();
                Assert.Empty(handsets.Violations);
            }
            catch (Exception failure)
            {
                profile.KeepsTraces = true;
                throw new InvalidOperationException(
                    $"{failure.Message}\n{string.Join('\n', handsets.Describe())}", failure);
            }
        }
    }
}
