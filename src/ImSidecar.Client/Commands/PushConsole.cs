using System.Globalization;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Msrp;

namespace ImSidecar.Client.Commands;

/// <summary>What a handset does when the server brings what it has kept, App. D.2.</summary>
internal sealed class PushConsole(EventWriter events, HandsetReporter reporter)
{
    public const string Help = "deferred any|cpim|refuse|ask|hold|die N";

    private readonly DeferredInbox _inbox = new();
    private MsrpOptions? _media = DeferredPush.AnyForm;
    private bool _refuses;

    /// <summary>
    /// The forms we take; no MSRP at all; asks like for any call; reads and never answers; dies after so many messages.
    /// </summary>
    public void Set(string mode)
    {
        var words = mode.Split(' ');
        _refuses = mode == "refuse";
        _media = words switch
        {
            ["any"] => DeferredPush.AnyForm,
            ["cpim"] => DeferredPush.CpimOnly,
            ["refuse"] or ["ask"] => null,
            ["hold"] => DeferredPush.AnyForm with { Hold = _ => new TaskCompletionSource().Task },
            ["die", var text] when int.TryParse(
                text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) =>
                DeferredPush.AnyForm with { DiesAfter = count },
            _ => throw new UsageException(Help),
        };
    }

    /// <summary>False: it is another call, or somebody is to decide.</summary>
    public async Task<bool> TryAnswerAsync(IncomingCall incoming)
    {
        if (!DeferredPush.IsOne(incoming) || _media is null && !_refuses)
            return false;

        events.Write("push", ("from", incoming.Invite.Address("From")?.Uri.Text));
        if (_media is not { } media)
        {
            await incoming.RejectAsync(488);
            return true;
        }

        if (await incoming.AcceptAsync(new() { Msrp = media }) is not { Msrp: { } msrp } call)
            return true;

        reporter.ReportEnd(call);
        _ = ReportAsync(msrp);
        return true;
    }

    private async Task ReportAsync(MsrpSession msrp)
    {
        await foreach (var message in msrp.Messages.ReadAllAsync())
        {
            if (_inbox.TryTake(message, out var text))
                events.Write("deferred",
                    ("id", text.PushId), ("form", message.ContentType), ("from", text.From), ("name", text.Name),
                    ("to", text.Item.To), ("time", text.Time?.ToString("O", CultureInfo.InvariantCulture)),
                    ("callId", text.Item.CallId), ("messageId", text.Item.MessageId), ("type", text.ContentType),
                    ("text", text.Text), ("msrp", msrp.Local.ToString()));
            else
                events.Write("deferred", ("id", message.MessageId), ("form", message.ContentType), ("again", true));
        }
    }
}
