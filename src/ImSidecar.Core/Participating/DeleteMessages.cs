using System.Collections.Immutable;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>
/// IM 11: a REFER to the deferred-messaging URI whose Refer-To names messages, with method BYE, deletes them. It is
/// answered when they are gone for good.
/// </summary>
internal static class DeleteMessages
{
    // Kamailio keeps no transaction but that of an INVITE longer than 32 s.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    public static Outcome<DeferredSession> OnRefer(
        DeferredSession? current, AggregateId id, ReferRequest request, Facts facts)
    {
        if (facts.Operator.Deferred is not { IsOn: true, Uri: { } uri } || !uri.SameAddress(request.Uri))
            return new(current, Refusals.NoSuchConference(null, request).Effects);

        if (current is not null)
            return new(current, Refusals.Refuse(
                null, request, SipStatus.LoopDetected, "Request was received before").Effects);

        if (FetchMessages.NotFor(request, facts) is { } forbidden)
            return new(null, forbidden.Effects);

        if (request.Contact is null)
            return Refuse(request, SipStatus.BadRequest, "Contact is missing");

        if (NumbersOf(request, uri) is not { } named)
            return Refuse(request, SipStatus.BadRequest, "Refer-To does not name messages to be deleted");

        if (facts.Deferred is not { IsUnavailable: false } known)
            return Refuse(request, SipStatus.ServiceUnavailable, "Messages cannot be deleted now");

        ImmutableArray<long> numbers = [.. named.Where(known.Found.Contains)];
        if (numbers.IsEmpty)
            return Refuse(request, SipStatus.NotFound, "None of these messages waits");

        var session = Create(id, request, numbers, facts);
        return Outcome.Of(session, new RemoveDeferred(session.User, numbers, DeferredEnd.Deleted));
    }

    /// <summary>They are gone, or nobody can say so in time; what a crash has left was answered by the link.</summary>
    public static Outcome<DeferredSession> OnEvent(
        DeferredSession session, Deletion deletion, AggregateEvent happened, Facts facts) => happened switch
        {
            DeferredRemoved removed when removed.Numbers.SequenceEqual(session.Only) => Accept(session, deletion),
            TimeElapsed when deletion.AnswerBy <= facts.Now => Outcome.Of<DeferredSession>(null, new Respond(
                deletion.Transaction, SipStatus.ServiceUnavailable, "Messages cannot be deleted now")),
            NodeStarted => Outcome.Of<DeferredSession>(null),
            _ => Outcome.Of(session),
        };

    private static DeferredSession Create(
        AggregateId id, ReferRequest request, ImmutableArray<long> numbers, Facts facts)
    {
        var name = "d" + facts.Derive("delete-name")[..8];
        var user = request.Originator!;
        var wantsToKnow = request.ReferSub ?? !request.IsList;
        var session = new DeferredSession
        {
            Id = id,
            Name = name,
            Purpose = DeferredPurpose.Deletion,
            User = ServedAddress.KeyOf(user),
            Address = user.Bare,
            Only = numbers,
        };

        // IM 7.2.1.7/7
        var headers = SipHeaders.Of(
            ("Contact", DeferredDialog.Contact(session, facts)), ("Supported", "norefersub"))
            .WithIdentity(facts.Operator.Deferred.Uri!, AssertedIdentity.IsHidden(request, facts))
            .WithCharging(Charging.OfAnswer(request, facts));
        return session with
        {
            Deletion = new(request.Transaction, facts.Now + _patience)
            {
                Referrer = wantsToKnow ? DeferredAnswer.LegOf(request, name, facts) : null,
                Headers = wantsToKnow ? headers : headers.With("Refer-Sub", "false"),
            },
        };
    }

    // RFC 3515 2.4.4: who wants to know hears at once that it is done, and no more.
    private static Outcome<DeferredSession> Accept(DeferredSession session, Deletion deletion)
    {
        var accepted = new Respond(deletion.Transaction, SipStatus.Accepted)
        {
            Headers = deletion.Headers,
            RecordRoute = true,
        };
        if (deletion.Referrer is not { } leg)
            return Outcome.Of<DeferredSession>(null, accepted);

        var contact = deletion.Headers.First("Contact")!;
        var notify = LegDialog.Request(leg, "NOTIFY", 1);
        return Outcome.Of<DeferredSession>(null, accepted, new SendRequest(
            new(session.Id, session.Name, "NOTIFY", 1),
            notify with
            {
                Headers = new(
                [
                    .. notify.Headers,
                    new("Contact", contact),
                    new("Event", "refer"),
                    new("Subscription-State", "terminated;reason=noresource"),
                    new("Content-Type", "message/sipfrag;version=2.0"),
                ]),
                Body = Encoding.UTF8.GetBytes($"SIP/2.0 {SipStatus.Ok}\r\n"),
            }));
    }

    private static ImmutableArray<long>? NumbersOf(ReferRequest request, SipUri uri)
    {
        var numbers = ImmutableArray.CreateBuilder<long>();
        foreach (var target in request.Targets)
        {
            if (target.Method != "BYE"
                || !target.Address.SameAddress(uri)
                || !MessageNumbers.TryParse(target.Messages, out var named)
                || numbers.Count + named.Length > MessageNumbers.Most)
                return null;

            numbers.AddRange(named);
        }

        return [.. numbers.Distinct()];
    }

    private static Outcome<DeferredSession> Refuse(ReferRequest request, SipStatus status, string warning) =>
        Outcome.Of<DeferredSession>(null, new Respond(request.Transaction, status, warning));
}
