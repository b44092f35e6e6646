using System.Threading.Channels;
using ImSidecar.Msrp.V1;

namespace ImSidecar.Server.Plane;

/// <summary>
/// What one stream to the plane still has to carry, and who waits until his leg is open there. It needs no bound of its
/// own: who opens legs waits, and all else is an answer to what the plane asked or belongs to one of these legs.
/// </summary>
internal sealed class PlaneStream
{
    private readonly Channel<MsrpCommand> _commands =
        Channel.CreateUnbounded<MsrpCommand>(new() { SingleReader = true });

    private readonly Queue<(ulong Sequence, TaskCompletionSource Opened)> _opening = new();
    private ulong _sequence;

    public ChannelReader<MsrpCommand> Commands => _commands.Reader;

    /// <summary>One at a time: the order of the calls is that of the stream.</summary>
    public ulong NextSequence() => ++_sequence;

    public void Add(MsrpCommand command) => _commands.Writer.TryWrite(command);

    /// <summary>Ends when the plane has opened what was added last, or the stream is over.</summary>
    public Task OpenedAsync()
    {
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_opening)
        {
            if (_commands.Reader.Completion.IsCompleted)
                return Task.CompletedTask;

            _opening.Enqueue((_sequence, opened));
        }

        return opened.Task;
    }

    public void OnOpened(ulong upTo)
    {
        lock (_opening)
        {
            while (_opening.TryPeek(out var first) && first.Sequence <= upTo)
                _opening.Dequeue().Opened.TrySetResult();
        }
    }

    public void Close()
    {
        lock (_opening)
        {
            _commands.Writer.TryComplete();
            while (_commands.Reader.TryRead(out _))
            {
            }

            while (_opening.TryDequeue(out var each))
                each.Opened.TrySetResult();
        }
    }
}
