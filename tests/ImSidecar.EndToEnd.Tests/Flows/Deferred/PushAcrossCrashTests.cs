using System.Collections.Concurrent;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Deferred;

/// <summary>
/// App. D.2 A with a sidecar that dies at each of its writes in turn, from the REGISTER to the BYE: nothing is lost, and
/// what the store has forgotten does not come again.
/// </summary>
public sealed class PushAcrossCrashTests(DemoProfile profile) : DeferredFlow(profile)
{
    private static readonly string[] _texts = ["one", "two", "three"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public async Task Each_message_comes_and_no_confirmed_one_again(int write)
    {
        var alice = await Register("alice");
        foreach (var text in _texts)
            Assert.Equal((202, null), await LeaveAsync(alice, text));
        await Profile.DieAtSaveAsync(write);

        var bob = await Register("bob");
        var phone = new Phone(bob);
        await phone.WaitAsync(_texts.Length, ReviveAsync);
        await DieOrBeDoneAsync();
        await ReviveAsync();

        await AssertKeptAsync(0);
        Assert.Equal(_texts, phone.Texts);
        // The one that was on its way when the sidecar died may have been confirmed to a dead man.
        Assert.InRange(phone.Repetitions, 0, 1);
    }

    // The last writes come behind the messages. What it does not come to any more it is not to die of later.
    private async Task DieOrBeDoneAsync()
    {
        for (var tries = 0; tries < 40 && !Profile.Sidecar.HasExited; tries++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Profile.LetLive();
    }

    private async Task ReviveAsync()
    {
        if (!Profile.Sidecar.HasExited)
            return;

        Profile.LetLive();
        await Profile.StartSidecarAsync();
    }

    /// <summary>Takes every push that comes, as a phone does that lies on a table.</summary>
    private sealed class Phone
    {
        private readonly DeferredInbox _inbox = new();
        private readonly ConcurrentQueue<string> _texts = new();
        private readonly Task _answering;

        public Phone(Handset handset) => _answering = AnswerAsync(handset);

        public IReadOnlyList<string> Texts => [.. _texts];

        public int Repetitions => _inbox.Repetitions;

        public async Task WaitAsync(int count, Func<Task> revive)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(60));
            while (_texts.Count < count)
            {
                Assert.False(_answering.IsFaulted, _answering.Exception?.ToString());
                await revive();
                await Task.Delay(50, limit.Token);
            }
        }

        private async Task AnswerAsync(Handset handset)
        {
            await foreach (var push in handset.IncomingCalls.ReadAllAsync(TestContext.Current.CancellationToken))
            {
                var call = await push.AcceptAsync(new() { Msrp = DeferredPush.AnyForm with { Reconnects = true } });
                if (call is not null)
                    _ = ReadAsync(call);
            }
        }

        private async Task ReadAsync(Call call)
        {
            await foreach (var message in call.Msrp!.Messages.ReadAllAsync(TestContext.Current.CancellationToken))
            {
                if (_inbox.TryTake(message, out var text))
                    _texts.Enqueue(text.Text);
            }
        }
    }
}
