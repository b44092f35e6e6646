using System.CommandLine;
using Google.Protobuf;
using ImSidecar.Cli.Calls;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli;

/// <summary>One run of a command.</summary>
internal sealed record Call(
    ParseResult Parsed, AdminClient Client, Screen Screen, bool IsJson, CancellationToken Cancellation)
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    public T? Get<T>(Option<T> option) => Parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => Parsed.GetValue(argument);

    public Task<T> AskAsync<T>(string method, IMessage request, MessageParser<T> parser)
        where T : IMessage<T> =>
        Client.CallAsync(method, request, parser, Cancellation);

    /// <summary>Tells what the sidecar said, to scripts or to people.</summary>
    public int Tell(IMessage answer, Action<Screen> toPeople)
    {
        if (IsJson)
            Screen.Json(answer);
        else
            toPeople(Screen);
        return ExitCode.Done;
    }

    /// <summary>The same for each of many, one line or more for each, until nobody reads them any more.</summary>
    public async Task<int> TellAllAsync<T>(
        string method, IMessage request, MessageParser<T> parser, Action<T, Screen> toPeople)
        where T : IMessage<T>
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var look = new Timer(_ => EndUnread(end), null, _pause, _pause);
        try
        {
            await foreach (var each in Client.StreamAsync(method, request, parser, end.Token))
            {
                Tell(each, screen => toPeople(each, screen));
                await Screen.Output.FlushAsync(end.Token);
                EndUnread(end);
            }
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            // As after "| head -1".
        }

        return ExitCode.Done;
    }

    private void EndUnread(CancellationTokenSource end)
    {
        if (Screen.IsRead)
            return;

        try
        {
            end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }
}
