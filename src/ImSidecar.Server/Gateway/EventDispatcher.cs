using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Xdm.Diff;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// From an event of the stream to the aggregate it concerns; each is confirmed once its outcome is saved.
/// </summary>
internal sealed class EventDispatcher(
    Admission admission,
    AggregateRouter router,
    SipActions actions,
    Live<OperatorPolicy> policy,
    DocumentIndexOptions documents,
    PassingRequests passing,
    ServedUserIds served,
    StoredParties stored,
    ILogger<EventDispatcher> logger)
{
    public async ValueTask DispatchAsync(Link link, SipEvent happened, CancellationToken cancellation)
    {
        if (happened.EventCase == SipEvent.EventOneofCase.Hello
            || await admission.EnterAsync(link, happened, cancellation) is not { } receipt)
            return;

        try
        {
            if (happened.Request is { } request)
                await stored.KnowAsync(request);
            await DispatchAsync(happened, receipt, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The stream ends, and the link has answered the request itself: it does not come again.
            receipt.Confirm();
            throw;
        }
        catch (Exception bug)
        {
            // Not the stream: the event would come again with the next one and end that too.
            Log.EventFailed(logger, happened.EventCase, WireCallId.Of(happened), bug);
            Instruments.Failed(Labels.Event);
            try
            {
                if (happened.Request is { } failed)
                {
                    Instruments.Answered(failed.Method, SipStatus.ServerInternalError.Code);
                    await link.SendAsync(Failed(failed), cancellation);
                }
            }
            finally
            {
                // Also when the stream ends meanwhile: nobody else would, and admission waits for it.
                receipt.Confirm();
            }
        }
    }

    private ValueTask DispatchAsync(SipEvent happened, EventReceipt receipt, CancellationToken cancellation) =>
        happened.EventCase switch
        {
            SipEvent.EventOneofCase.Request => OnRequestAsync(happened.Request, receipt, cancellation),
            SipEvent.EventOneofCase.Cancelled => router.PostByTransactionAsync(
                happened.Cancelled.Transaction, new InviteCancelled(happened.Cancelled.Transaction),
                receipt, cancellation),
            SipEvent.EventOneofCase.Acknowledged => OnAcknowledgedAsync(happened.Acknowledged, receipt, cancellation),
            SipEvent.EventOneofCase.AckTimeout => router.PostByTransactionAsync(
                happened.AckTimeout.Transaction,
                new AckTimedOut(happened.AckTimeout.Transaction, Ids(happened.AckTimeout.Dialog)),
                receipt, cancellation),
            SipEvent.EventOneofCase.ReplySent => router.OnReplySentAsync(
                happened.ReplySent.Transaction, (int)happened.ReplySent.Ordinal, (int)happened.ReplySent.Code,
                receipt, cancellation),
            SipEvent.EventOneofCase.TransactionEnded => router.PostByTransactionAsync(
                happened.TransactionEnded.Transaction,
                new RequestTransactionEnded(happened.TransactionEnded.Transaction, (int)happened.TransactionEnded.Code),
                receipt, cancellation),
            SipEvent.EventOneofCase.Response => OnResponseAsync(happened.Response, receipt, cancellation),
            SipEvent.EventOneofCase.Registration => OnRegistrationAsync(happened.Registration, receipt, cancellation),
            _ => Ignore(receipt),
        };

    private static SipAction Failed(Request request) => new()
    {
        Reply = new()
        {
            Transaction = request.Transaction,
            Ordinal = 2,
            Code = (uint)SipStatus.ServerInternalError.Code,
            Reason = SipStatus.ServerInternalError.Reason,
        },
    };

    private static ValueTask DeclineAsync(Request wire, EventReceipt receipt, CancellationToken cancellation)
    {
        Instruments.Declined(wire.Method);
        return AnswerAsync(receipt, new() { Decline = new() { Transaction = wire.Transaction } }, cancellation);
    }

    private ValueTask AnswerAsync(Request wire, Respond answer, EventReceipt receipt, CancellationToken cancellation)
    {
        Instruments.Answered(wire.Method, answer.Status.Code);
        return AnswerAsync(receipt, actions.Of(answer), cancellation);
    }

    private ValueTask OnRequestAsync(Request wire, EventReceipt receipt, CancellationToken cancellation)
    {
        if (!wire.Stage.IsEmpty)
            return OnDecidedAsync(wire, receipt, cancellation);

        // Before anything is read that costs time.
        var isOurs = IsOurs(wire);
        if (isOurs && admission.Judge(wire) is { } early)
            return RefuseAsync(wire, early, receipt, cancellation);

        if (!isOurs)
            return OnOthersAsync(wire, receipt, cancellation);

        var (request, refusal) = SipEventReader.Read(wire, policy.Value.LenientUri);
        return request is null
            ? AnswerAsync(wire, refusal!, receipt, cancellation)
            : router.PostAsync(passing.OfOwn(request), receipt, cancellation);
    }

    // Another node has taken it on and begun with it.
    private ValueTask OnDecidedAsync(Request wire, EventReceipt receipt, CancellationToken cancellation)
    {
        if (Stages.IsConference(wire.Stage))
        {
            var (own, malformed) = SipEventReader.Read(wire, policy.Value.LenientUri);
            return own is null
                ? AnswerAsync(wire, malformed!, receipt, cancellation)
                : router.PostAsync(own, receipt, cancellation);
        }

        var (head, refusal) = SipEventReader.ReadHead(wire, policy.Value.LenientUri);
        if (head is null)
            return AnswerAsync(wire, refusal!, receipt, cancellation);

        return Stages.Read(wire.Stage, head, wire.Body.Memory) is { } request
            ? router.PostAsync(request, receipt, cancellation)
            : AnswerAsync(
                wire, new(wire.Transaction, SipStatus.ServiceUnavailable, "Nodes of different releases"), receipt, cancellation);
    }

    // Its tag or event brought it here, but it goes to somebody else. What it requires of him is none of our business.
    private ValueTask OnOthersAsync(Request wire, EventReceipt receipt, CancellationToken cancellation)
    {
        if (!passing.IsOn && wire.Method != "SUBSCRIBE")
            return DeclineAsync(wire, receipt, cancellation);

        var (head, refusal) = SipEventReader.ReadHead(wire, policy.Value.LenientUri);
        if (head is null)
            return AnswerAsync(wire, refusal!, receipt, cancellation);

        var request = (ImRequest?)(passing.Of(head) is { } passes ? passes with { Body = wire.Body.Memory } : null);
        if (wire.Method == "SUBSCRIBE" && IsToHimself(head))
        {
            var (subscribe, malformed) = SipEventReader.Read(head, wire);
            if (subscribe is null)
                return AnswerAsync(wire, malformed!, receipt, cancellation);

            request = AsksForOwnDocuments(subscribe) ? subscribe : request;
        }

        // It concerns nobody who is served: the route relays it.
        if (request is null)
            return DeclineAsync(wire, receipt, cancellation);

        return admission.Judge(wire, onlyPasses: request is PassingRequest) is { } late
            ? RefuseAsync(wire, late, receipt, cancellation)
            : router.PostAsync(request, receipt, cancellation);
    }

    private ValueTask OnRegistrationAsync(
        Registration wire, EventReceipt receipt, CancellationToken cancellation) =>
        RegistrationReader.Read(wire, policy.Value.Participating) is { } changed
            ? router.PostAsync(served.Of(changed.User), changed, receipt, cancellation)
            : Ignore(receipt);

    // Who watches his documents addresses himself, RFC 5875 4.1: no domain of ours stands in that.
    private static bool IsToHimself(RequestHead head) =>
        head.Identities.Any(identity => identity.Uri.SameAddress(head.Uri));

    private bool AsksForOwnDocuments(ImRequest request) =>
        documents.AreOurs
        && request is SubscribeRequest { IsInitial: true } subscribe
        && XcapDiffPackage.IsAskedFor(subscribe);

    private ValueTask RefuseAsync(
        Request wire, Refusal refusal, EventReceipt receipt, CancellationToken cancellation)
    {
        if (refusal.Pause is { } pause)
            receipt.Link.TrySend(new() { Pause = new() { Milliseconds = (uint)pause.TotalMilliseconds } });
        var answer = new Respond(wire.Transaction, SipStatus.ServiceUnavailable, refusal.Reason);
        return AnswerAsync(wire, answer, receipt, cancellation);
    }

    private bool IsOurs(Request wire) =>
        SipUri.TryParse(policy.Value.LenientUri ? LenientUri.Repair(wire.Uri) : wire.Uri, out var uri)
        && policy.Value.Domains.Contains(uri.Host);

    private ValueTask OnAcknowledgedAsync(Acknowledged wire, EventReceipt receipt, CancellationToken cancellation) =>
        router.PostAcknowledgedAsync(
            new(wire.Transaction.Length == 0 ? null : wire.Transaction, Ids(wire.Dialog), wire.Body.Memory),
            wire.Dialog?.Cseq ?? 0, receipt, cancellation);

    private ValueTask OnResponseAsync(Response wire, EventReceipt receipt, CancellationToken cancellation)
    {
        var response = new SipResponse(
            new((int)wire.Code, wire.Reason), SipEventReader.Headers(wire.Headers), wire.Body.Memory, wire.Local);
        if (ActionKey.TryParse(wire.ActionKey, out var key))
        {
            if (response.Status.IsFinal && key.Method is not ("ACK" or "CANCEL"))
                Instruments.WasAnswered(key.Method, isInvitation: key.Method == "INVITE", response.Status.Code);
            return router.PostAsync(key.Aggregate, new ResponseArrived(key, response), receipt, cancellation);
        }

        return wire.ActionKey.Length == 0
            && response.Status.IsSuccess
            && InvitationCallId.TryParse(response.Headers.First("Call-ID") ?? "", out var invite)
            && SipEventReader.TryReadCSeq(response.Headers.First("CSeq"), "INVITE", out var cseq)
            ? router.PostToKnownAsync(
                invite.Aggregate,
                new ResponseArrived(invite with { CSeq = cseq }, response) { IsStray = true },
                receipt)
            : Ignore(receipt);
    }

    // Ours is the callee's view: the From tag of the wire is the peer's.
    private static DialogId Ids(DialogIds? wire) =>
        wire is null ? new("", "", "") : new(wire.CallId, wire.ToTag, wire.FromTag);

    private static async ValueTask AnswerAsync(EventReceipt receipt, SipAction answer, CancellationToken cancellation)
    {
        await receipt.Link.SendAsync(answer, cancellation);
        receipt.Confirm();
    }

    private static ValueTask Ignore(EventReceipt receipt)
    {
        receipt.Confirm();
        return ValueTask.CompletedTask;
    }
}
