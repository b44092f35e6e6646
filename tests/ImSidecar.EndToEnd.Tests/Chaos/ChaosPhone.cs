using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Subscriptions;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.EndToEnd.Tests.Chaos;

/// <summary>
/// One who invites or is invited, talks, watches and leaves as the dice fall, whatever becomes of it. The more patient, the
/// longer he stays.
/// </summary>
internal sealed class ChaosPhone(Handset handset, Random random, int patience = 6)
{
    private static readonly AcceptOptions _passive = new() { Msrp = new() { PreferredSetup = SetupRole.Passive } };
    private Subscription? _watching;
    private bool _hasRefused;

    public Handset Handset => handset;

    public OutgoingCall? Starting { get; private set; }

    /// <summary>Rings here and has no answer of ours.</summary>
    public IncomingCall? Ringing { get; private set; }

    public Call? Call { get; private set; }

    public bool IsIn => Call is { Ended.IsCompleted: false };

    public async Task InviteAsync(IEnumerable<ChaosPhone> others, CancellationToken over)
    {
        Starting = handset.StartGroup(
            Harness.DemoProfile.Factory, [.. others.Select(other => other.Handset.AddressOfRecord)]);
        await TryAsync(async () => Call = await Starting.Answered.WaitAsync(over));
        await TalkAsync(over);
    }

    public async Task BeInvitedAsync(CancellationToken over)
    {
        await TryAsync(async () => Ringing = await handset.IncomingCalls.ReadAsync(over));
        if (Ringing is not { } ringing)
            return;

        await ringing.RingAsync();
        await PauseAsync(800, over);
        switch (random.Next(8))
        {
            case 0:
                _hasRefused = true;
                await ringing.RejectAsync();
                break;
            case 1:
                // Rings on.
                return;
            default:
                Call = await ringing.AcceptAsync(_passive);
                break;
        }

        Ringing = null;
        await TalkAsync(over);
    }

    /// <summary>Picks up what is still ringing.</summary>
    public async Task PickUpAsync()
    {
        Call = await Ringing!.AcceptAsync(_passive);
        Ringing = null;
    }

    /// <summary>An INVITE that came while nobody looked any more.</summary>
    public void LookAgain()
    {
        if (Ringing is null && Call is null && !_hasRefused && handset.IncomingCalls.TryRead(out var late))
            Ringing = late;
        if (Starting?.Answered is { IsCompletedSuccessfully: true } answered)
            Call = answered.Result;
    }

    public async Task LeaveAsync()
    {
        if (Call is { Ended.IsCompleted: false } call)
            await TryAsync(() => call.ByeAsync());
    }

    private async Task TalkAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested && IsIn)
        {
            await PauseAsync(300, over);
            switch (random.Next(8))
            {
                case 0 when _watching is null:
                    _watching = handset.Subscribe(Call!.SessionIdentity);
                    break;
                case 1 when random.Next(patience) == 0:
                    await LeaveAsync();
                    break;
                case 2 when _watching?.Dialog is not null:
                    await TryAsync(() => _watching.RefreshAsync().WaitAsync(over));
                    break;
                default:
                    await TryAsync(() => SayAsync("chatter").WaitAsync(over));
                    break;
            }
        }
    }

    public Task<MsrpSendResult> SayAsync(string text) =>
        Call!.Msrp!.SendTextAsync(handset.AddressOfRecord, Call.SessionIdentity, text);

    private async Task PauseAsync(int most, CancellationToken over) =>
        await Task.Delay(random.Next(most), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    // What fails in the middle of a disaster is no fault; what stands afterwards is looked at.
    private static async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception error) when (error is OperationCanceledException or CallRefusedException or IOException
            or System.Net.Sockets.SocketException or InvalidOperationException or ObjectDisposedException
            or System.Threading.Channels.ChannelClosedException)
        {
        }
    }
}
