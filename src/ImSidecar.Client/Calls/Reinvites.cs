using System.Collections.Concurrent;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;

namespace ImSidecar.Client.Calls;

/// <summary>INVITE and UPDATE within a call, both ways, RFC 3261 14 and RFC 3311; and every ACK of ours.</summary>
internal sealed class Reinvites(UserAgent agent, Call call, Acknowledgements acks)
{
    private readonly ConcurrentDictionary<uint, SipMessage> _sentAcks = [];
    private TaskCompletionSource? _busy;

    public async Task<SipMessage> SendAsync(IEnumerable<(string Name, string Value)> headers)
    {
        var invite = call.Dialog.CreateRequest("INVITE")
            .Add("Contact", agent.ContactHeader)
            .Add("Allow", UserAgent.Methods)
            .Add("Supported", "timer")
            .Add("User-Agent", UserAgent.Product);
        if (call.Answer["Session-Expires"] is { } expires)
            invite.Add("Session-Expires", $"{expires.Split(';')[0]};refresher=uac");
        if (call.Media?.Current is { } description)
            invite.WithBody(MediaLeg.ContentType, description);
        foreach (var (name, value) in headers)
            invite.Set(name, value);

        var hop = await call.Dialog.NextHopAsync(agent.Options.Transport, CancellationToken.None);
        InviteExchange? exchange = null;
        exchange = new(agent, invite, hop, call.Dialog.NextCSeq)
        {
            OnSuccess = answer => Acknowledge(exchange!.Request, answer),
        };
        return await RunAsync(exchange);
    }

    public async Task<SipMessage> MoveAsync(
        string method, bool keepsConnection, IReadOnlyList<string>? acceptWrappedTypes)
    {
        var media = call.Media!;
        var description = media.OfferMoved(acceptWrappedTypes);
        var answer = method == "UPDATE"
            ? await call.SendAsync(
                method, headers: [("Contact", agent.ContactHeader), ("Supported", "timer")],
                body: (MediaLeg.ContentType, description))
            : await SendAsync([]);
        if (answer.IsSuccess && (method == "INVITE" || media.TakeAnswer(answer.SdpBody.Span)))
            await media.MovedAsync(keepsConnection);
        return answer;
    }

    /// <summary>The ACK for a 2xx; it answers a late offer.</summary>
    public void Acknowledge(SipMessage invite, SipMessage answer)
    {
        if (_sentAcks.ContainsKey(answer.CSeq))
        {
            AcknowledgeAgain(answer);
            return;
        }

        var ack = call.Dialog.CreateRequest("ACK", answer.CSeq).Add("User-Agent", UserAgent.Product);
        ack.CopyFrom(invite, "Authorization").CopyFrom(invite, "Proxy-Authorization");
        if (invite.SdpBody.IsEmpty && !answer.SdpBody.IsEmpty
            && call.Media?.Answer(answer.SdpBody.Span, out _) is { } description)
            ack.WithBody(MediaLeg.ContentType, description);
        _sentAcks[answer.CSeq] = ack;
        AcknowledgeAgain(answer);
    }

    public void AcknowledgeAgain(SipMessage answer)
    {
        if (_sentAcks.TryGetValue(answer.CSeq, out var ack))
            agent.Run(SendAckAsync(ack), answer);
    }

    public async Task AnswerAsync(ServerTransaction transaction)
    {
        if (TryBegin() is not null)
        {
            await transaction.RespondAsync(491);
            return;
        }

        var request = transaction.Request;
        var acknowledged = acks.For(request.CSeq);
        try
        {
            var answer = Timed(transaction).Add("Contact", agent.ContactHeader).Add("Allow", UserAgent.Methods);
            if (!await TakeOfferAsync(transaction, answer) || !await transaction.RespondAsync(answer))
                return;

            call.WatchRefresh(answer, isOurRequest: false);
            if (call.Media is { } media)
                await media.StartAgainAsync();
            if (!await AnswerRepeater.RunAsync(transaction, answer, acknowledged))
                await call.EndAsync(CallEndedBy.NoAck);
        }
        finally
        {
            Finish();
        }
    }

    public Task AnswerUpdateAsync(ServerTransaction transaction)
    {
        var answer = Timed(transaction).Add("Contact", agent.ContactHeader);
        call.WatchRefresh(answer, isOurRequest: false);
        return transaction.RespondAsync(answer);
    }

    private async Task<SipMessage> RunAsync(InviteExchange exchange)
    {
        // RFC 3261 14.1: never two at a time.
        while (TryBegin() is { } other)
            await other;

        try
        {
            _ = exchange.RunAsync();
            var final = await exchange.Final;
            if (!final.IsSuccess)
                return final;

            call.WatchRefresh(final, isOurRequest: true);
            if (final.Contact is { } target)
                call.Dialog.RemoteTarget = target.Uri.Text;
            if (call.Media is { } media && media.TakeAnswer(final.SdpBody.Span))
                await media.StartAsync();
            return final;
        }
        finally
        {
            Finish();
        }
    }

    // False when the offer was refused.
    private async Task<bool> TakeOfferAsync(ServerTransaction transaction, SipMessage answer)
    {
        if (call.Media is not { } media)
            return true;

        var offer = transaction.Request.SdpBody;
        var description = offer.IsEmpty ? media.Offer() : media.AnswerAgain(offer.Span);
        if (description is null)
        {
            await transaction.RespondAsync(488);
            return false;
        }

        answer.WithBody(MediaLeg.ContentType, description);
        return true;
    }

    private static SipMessage Timed(ServerTransaction transaction)
    {
        var answer = transaction.CreateResponse(200).Add("Supported", "timer").Add("User-Agent", UserAgent.Product);
        SessionTimer.Answer(transaction.Request, answer);
        return answer;
    }

    /// <summary>Null if no other INVITE is under way in the call, else its end.</summary>
    private Task? TryBegin()
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Interlocked.CompareExchange(ref _busy, mine, null)?.Task;
    }

    private void Finish() => Interlocked.Exchange(ref _busy, null)?.TrySetResult();

    private async Task SendAckAsync(SipMessage ack) =>
        agent.SendAck(ack, await call.Dialog.NextHopAsync(agent.Options.Transport, CancellationToken.None));
}
