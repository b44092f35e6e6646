using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Client.Commands;

/// <summary>Turns what a handset's calls and subscriptions tell into events.</summary>
internal sealed class HandsetReporter(Handset handset, EventWriter events)
{
    /// <summary>Follows an INVITE to its end; the call, or null if it was refused.</summary>
    public async Task<Call?> ReportAsync(OutgoingCall outgoing)
    {
        _ = ReportProvisionalsAsync(outgoing);
        try
        {
            var call = await outgoing.Answered;
            Report(call, "answered");
            return call;
        }
        catch (CallRefusedException refused)
        {
            events.Write("refused", ("status", refused.Response.Status), ("reason", refused.Response.Reason),
                ("warning", refused.Response["Warning"]));
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            events.Write("error", ("command", "invite"), ("text", error.Message));
        }

        return null;
    }

    public void Report(IncomingCall incoming)
    {
        events.Write("incoming", ("from", incoming.Invite.Address("From")?.Uri.Text),
            ("session", incoming.Invite.Contact?.Uri.Text), ("subject", incoming.Invite["Subject"]),
            ("referredBy", incoming.Invite.Address("Referred-By")?.Uri.Text),
            ("replaces", incoming.Replaced?.SessionIdentity));
        _ = ReportCancelAsync(incoming);
    }

    public void Report(Call call, string name)
    {
        events.Write(name, ("session", call.SessionIdentity), ("msrp", call.Msrp?.Local.ToString()));
        ReportEnd(call);
        _ = ReportReferralsAsync(call);
        _ = ReportMessagesAsync(call);
    }

    public void ReportEnd(Call call) => _ = ReportEndAsync(call);

    public async Task ReportAsync(Subscription subscription)
    {
        var answer = await subscription.Answered;
        events.Write("subscribed", ("status", answer.Status), ("reason", answer.Reason),
            ("expires", answer["Expires"]), ("warning", answer["Warning"]));
        await foreach (var notification in subscription.Notifications.ReadAllAsync())
            Report(notification);
    }

    public void ReportViolations()
    {
        var list = new JsonArray([.. handset.Violations.Select(violation => JsonValue.Create(violation.ToString()))]);
        events.Write("violations", ("count", list.Count), ("list", list));
    }

    private void Report(Notification notification)
    {
        var users = notification.Document?.Users?.List.Select(user => Describe(user, notification)).ToArray() ?? [];
        var roster = notification.Roster.Select(user => Describe(user, notification)).ToArray();
        events.Write("notify", ("state", notification.State), ("reason", notification.Reason),
            ("document", notification.Document?.State.ToString().ToLowerInvariant()),
            ("version", notification.Document?.Version), ("users", new JsonArray(users)),
            ("roster", new JsonArray(roster)));
    }

    private static JsonObject Describe(ConferenceUser user, Notification notification)
    {
        var line = new JsonObject
        {
            ["user"] = user.Entity,
            ["name"] = user.DisplayText,
            ["status"] = user.Endpoints is [{ Status: { } status }, ..]
                ? JsonNamingPolicy.KebabCaseLower.ConvertName(status.ToString())
                : null,
        };
        if (notification.Blocked.IsBlocked(user.Entity))
            line["blocked"] = true;
        return line;
    }

    private async Task ReportProvisionalsAsync(OutgoingCall outgoing)
    {
        await foreach (var response in outgoing.Provisionals.ReadAllAsync())
            events.Write("progress", ("status", response.Status), ("reason", response.Reason));
    }

    private async Task ReportCancelAsync(IncomingCall incoming)
    {
        await incoming.Cancelled;
        events.Write("cancelled", ("from", incoming.Invite.Address("From")?.Uri.Text));
    }

    private async Task ReportEndAsync(Call call)
    {
        var end = await call.Ended;
        events.Write("ended", ("by", end.By.ToString().ToLowerInvariant()), ("reason", end.Bye?["Reason"]));
    }

    // What comes of a REFER is told by NOTIFY within the call, RFC 3515.
    private async Task ReportReferralsAsync(Call call)
    {
        await foreach (var request in call.Requests.ReadAllAsync())
        {
            if (request.Method == "NOTIFY")
                events.Write("referred", ("text", Encoding.UTF8.GetString(request.Body.Span).Trim()));
        }
    }

    private async Task ReportMessagesAsync(Call call)
    {
        if (call.Msrp is not { } msrp)
            return;

        try
        {
            await msrp.Connected;
            events.Write("connected");
        }
        catch (System.Net.Sockets.SocketException error)
        {
            events.Write("error", ("command", "MSRP"), ("text", error.Message));
            return;
        }

        await foreach (var message in msrp.Messages.ReadAllAsync())
        {
            var type = message.Cpim?.ContentType ?? message.ContentType;
            events.Write("message",
                ("from", message.Cpim?.From.Uri), ("to", message.Cpim?.To[0].Uri), ("type", type),
                ("text", message.Text));
        }
    }
}
