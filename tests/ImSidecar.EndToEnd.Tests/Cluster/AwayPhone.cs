using System.Collections.Concurrent;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Msrp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>
/// Takes every push that comes, as a phone does that lies on a table, and connects again wherever it is asked to. At one of
/// the messages, counted from 1, it waits until it is let go; 0: at none.
/// </summary>
internal sealed class AwayPhone(Handset handset, int waitsAt = 0, bool confirms = true)
{
    private readonly ConcurrentQueue<string> _texts = new();
    private readonly TaskCompletionSource _waits = new();
    private readonly TaskCompletionSource _released = new();
    private Task _answering = Task.CompletedTask;
    private int _messages;

    /// <summary>It has come to where it waits.</summary>
    public Task Waits => waitsAt == 0 ? Task.CompletedTask : _waits.Task;

    /// <summary>All that it took, in order, with what came again.</summary>
    public IReadOnlyList<string> Texts => [.. _texts];

    public async Task RegisterAsync()
    {
        _answering = AnswerAsync();
        Assert.Equal(200, (await Within(handset.RegisterAsync())).Status);
    }

    /// <summary>It confirms where it waits, or never does.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>Until so many different ones have come.</summary>
    public async Task HasAsync(int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(40));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (_texts.Distinct().Count() < count)
        {
            Assert.False(_answering.IsFaulted, _answering.Exception?.ToString());
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task AnswerAsync()
    {
        await foreach (var push in handset.IncomingCalls.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Assert.True(DeferredPush.IsOne(push));
            var call = await push.AcceptAsync(new()
            {
                Msrp = DeferredPush.AnyForm with { Reconnects = true, Hold = HoldAsync, Answer = AnswerTo },
            });
            if (call is not null)
                _ = ReadAsync(call);
        }
    }

    private async Task ReadAsync(Call call)
    {
        await foreach (var message in call.Msrp!.Messages.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (DeferredText.Of(message) is { } text)
                _texts.Enqueue(text.Text);
        }
    }

    private Task HoldAsync(MsrpChunk chunk)
    {
        if (!chunk.Head.HasBody || ++_messages != waitsAt)
            return Task.CompletedTask;

        _waits.TrySetResult();
        return _released.Task;
    }

    private int AnswerTo(MsrpChunk chunk) => !chunk.Head.HasBody || _messages != waitsAt || confirms ? 200 : 0;
}
