using ImSidecar.Client.Commands;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.ResourceLists;

namespace ImSidecar.Client.Messages;

/// <summary>Page mode at the command line: messages out, what comes in and what became of what went out.</summary>
internal sealed class MessageConsole
{
    public const string Help = "message URI TEXT | list SERVER URI,URI TEXT | displayed";

    private readonly Handset _handset;
    private readonly EventWriter _events;
    private PageText? _last;

    public MessageConsole(Handset handset, EventWriter events)
    {
        _handset = handset;
        _events = events;
        _ = ReadAsync();
    }

    public async Task RunAsync(string verb, string rest)
    {
        var words = rest.Split(' ', verb == "list" ? 3 : 2, StringSplitOptions.RemoveEmptyEntries);
        switch (verb, words.Length)
        {
            case ("displayed", _):
                await DisplayAsync();
                break;
            case ("message", 2):
                await SendAsync(words[0], words[1], []);
                break;
            case ("list", 3):
                await SendAsync(words[0], words[2], words[1].Split(','));
                break;
            default:
                throw new UsageException(Help);
        }
    }

    private async Task SendAsync(string to, string text, string[] recipients)
    {
        var answer = await _handset.MessageAsync(to, text, new()
        {
            Recipients = [.. recipients.Select(each => new ResourceListEntry(each))],
            Notify = "positive-delivery, negative-delivery, display",
        });
        _events.Write(
            "message-sent", ("status", answer.Status), ("reason", answer.Reason), ("warning", answer["Warning"]));
    }

    private async Task DisplayAsync()
    {
        if (_last is null || _handset.NotifyAsync(_last, NotificationKind.Display) is not { } sending)
            throw new UsageException("nobody wants to hear of it");

        var answer = await sending;
        _events.Write("displayed", ("status", answer.Status), ("reason", answer.Reason));
    }

    private async Task ReadAsync()
    {
        await foreach (var request in _handset.Messages.ReadAllAsync())
        {
            var message = PageText.Of(request);
            foreach (var told in message.Notifications)
                _events.Write(
                    "notification", ("of", told.MessageId), ("status", told.Status), ("by", told.RecipientUri));

            if (!message.Notifications.IsEmpty)
                continue;

            _last = message;
            _events.Write("page", ("from", message.From), ("to", message.To), ("text", message.Text));
        }
    }
}
