using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Messages;

/// <summary>The MESSAGE to one recipient, made from the saved message; RFC 5365 7.2.</summary>
public static class PageRequests
{
    /// <summary>Null when it is not to be sent any more: he has answered, or a later one says it.</summary>
    public static SendRequest? Render(PageMessage message, SendMessage send) =>
        message.Recipients.TryGetValue(send.Key.Owner, out var recipient)
        && recipient.AnswerBy is not null
        && recipient.Attempts == send.Key.CSeq
            ? new(send.Key, Request(message, recipient))
            : null;

    private static OutgoingRequest Request(PageMessage message, Recipient recipient) => new()
    {
        Method = "MESSAGE",
        Uri = recipient.Address,
        From = message.From,
        FromTag = message.FromTag,
        // Who gets it hears that it was said to the group.
        To = message.IsToGroup
            ? $"<{message.Address}>"
            : new NameAddress(recipient.Address, recipient.DisplayName).ToString(),
        CallId = $"{message.CallId}-{recipient.Id}",
        CSeq = recipient.Attempts,
        Headers = new(
        [
            new("Accept-Contact", $"*;{FeatureTags.Im};require;explicit"),
            new("P-Asserted-Identity", $"<{message.Identity}>"),
            .. message.IsAnonymous ? (SipHeader[])[new("Privacy", "id")] : [],
            .. message.Content.Fields,
        ]),
        Body = message.Content.Body,
    };
}
