using System.Collections.Immutable;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Messages;

/// <summary>One message to several and its world: what happens goes through the one door.</summary>
internal sealed class Sending(Facts? facts = null)
{
    public static readonly AggregateId id = AggregateId.Of(AggregateKind.PageMessage, "abcdefghijklmnopqrstuvwxyz");

    public Facts Facts { get; set; } = facts ?? NoFacts;

    public PageMessage? State { get; private set; }

    public PageMessage Message => State!;

    /// <summary>To the list server, with the list; each recipient is an entry's attributes.</summary>
    public static MessageRequest ToList(SipUri from, params string[] entries) =>
        WithList(from, "Content-Type: text/plain\r\n\r\nHi", entries);

    public static MessageRequest WithList(SipUri from, string payload, params string[] entries)
    {
        var list = string.Concat(entries.Select(entry =>
            entry.StartsWith('<') ? entry : $"<entry uri=\"{entry}\"/>"));
        return new MessageRequest(Head("MESSAGE", from, factory))
        {
            Body = Encoding.UTF8.GetBytes(
                $"--b\r\n{payload}\r\n--b\r\nContent-Type: application/resource-lists+xml\r\n"
                + "Content-Disposition: recipient-list\r\n\r\n"
                + "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\""
                + " xmlns:cp=\"urn:ietf:params:xml:ns:copycontrol\"><list>" + list
                + "</list></resource-lists>\r\n--b--\r\n"),
        }.With("Content-Type", "multipart/mixed;boundary=b").With("Require", "recipient-list-message");
    }

    public static MessageRequest ToGroup(SipUri from, string text = "Hi all") =>
        new MessageRequest(Head("MESSAGE", from, skiers)) { Body = Encoding.UTF8.GetBytes(text) }
            .With("Content-Type", "text/plain");

    public Outcome<PageMessage> Arrives(ImRequest request) => Happens(new RequestArrived(request));

    public Outcome<PageMessage> Happens(AggregateEvent happened)
    {
        var outcome = MessageMachine.Apply(State, id, happened, Facts);
        State = outcome.Next;
        return outcome;
    }

    public Outcome<PageMessage> Answers(string recipient, int code, params (string, string)[] headers) => Happens(
        new ResponseArrived(
            new(id, recipient, "MESSAGE", Message.Recipients[recipient].Attempts),
            new(new(code, "Reason"), SipHeaders.Of(headers), default)));

    public Outcome<PageMessage> Waits(TimeSpan time)
    {
        Facts = Facts with { Now = Facts.Now + time };
        return Happens(new TimeElapsed());
    }

    /// <summary>What these effects send.</summary>
    public ImmutableArray<OutgoingRequest> Sent(Outcome<PageMessage> outcome) =>
        [.. outcome.Effects.OfType<SendMessage>().Select(each => PageRequests.Render(Message, each)!.Request)];
}
