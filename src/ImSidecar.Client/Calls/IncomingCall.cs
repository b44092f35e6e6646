using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;

namespace ImSidecar.Client.Calls;

/// <summary>An INVITE of the peer that waits for our answer, RFC 3261 13.3; doing nothing is an answer too.</summary>
public sealed class IncomingCall
{
    private readonly UserAgent _agent;

    internal IncomingCall(UserAgent agent, ServerTransaction transaction, Call? replaced = null)
    {
        _agent = agent;
        Transaction = transaction;
        Replaced = replaced;
    }

    /// <summary>Our call that ends when this one is accepted, RFC 3891 3; null: none.</summary>
    public Call? Replaced { get; }

    public SipMessage Invite => Transaction.Request;

    /// <summary>For answers of one's own making.</summary>
    public ServerTransaction Transaction { get; }

    /// <summary>Ends when the caller gives up before our final answer.</summary>
    public Task Cancelled => Transaction.Cancelled;

    public Task RingAsync() => Transaction.RespondAsync(WithContact(Transaction.CreateResponse(180)));

    public Task RejectAsync(int status = 486, string? reason = null) => Transaction.RespondAsync(status, reason);

    /// <summary>
    /// The call, or null if the caller had given up or nothing could be agreed (488); without an offer we make one.
    /// </summary>
    public async Task<Call?> AcceptAsync(AcceptOptions? options = null)
    {
        options ??= new();
        if (Dialog.OfCalled(Invite, Transaction.LocalTag) is not { } dialog)
        {
            await RejectAsync(400);
            return null;
        }

        var media = options.RawBody is null ? _agent.CreateMedia(options.Msrp) : null;
        var description = Invite.SdpBody.IsEmpty ? media?.Offer() : media?.Answer(Invite.SdpBody.Span, out _);
        if (media is not null && description is null)
        {
            await media.Session.DisposeAsync();
            await RejectAsync(488);
            return null;
        }

        var answer = CreateAnswer(options, description);
        var call = new Call(_agent, dialog, Invite, answer, media, isCaller: false);
        var acknowledged = call.Acknowledged;
        if (!await Transaction.RespondAsync(answer))
        {
            _agent.Remove(call);
            if (media is not null)
                await media.Session.DisposeAsync();
            return null;
        }

        _agent.Run(ConfirmAsync(call, answer, acknowledged), Invite);
        if (Replaced is { Ended.IsCompleted: false } replaced)
            _agent.Run(replaced.ByeAsync(), Invite);
        call.WatchSessionTimer(answer, options.KeepsSessionTimer);
        if (media is not null && !Invite.SdpBody.IsEmpty)
            await media.StartAsync();
        return call;
    }

    private SipMessage CreateAnswer(AcceptOptions options, byte[]? description)
    {
        var answer = WithContact(Transaction.CreateResponse(200));
        SessionTimer.Answer(Invite, answer);
        foreach (var (name, value) in options.Headers)
            answer.Set(name, value);
        if (options.RawBody is var (contentType, body))
            answer.WithBody(contentType, body);
        else if (description is not null)
            answer.WithBody(MediaLeg.ContentType, description);
        return answer;
    }

    private SipMessage WithContact(SipMessage response) =>
        response.Add("Contact", _agent.ContactHeader)
            .Add("Allow", UserAgent.Methods)
            .Add("Supported", UserAgent.Extensions(_agent.Options))
            .Add("User-Agent", UserAgent.Product);

    private async Task ConfirmAsync(Call call, SipMessage answer, Task<SipMessage> acknowledged)
    {
        if (!await AnswerRepeater.RunAsync(Transaction, answer, acknowledged))
            await call.EndAsync(CallEndedBy.NoAck);
        else if (Invite.SdpBody.IsEmpty && call.Media is { } media
            && media.TakeAnswer((await acknowledged).SdpBody.Span))
            await media.StartAsync();
    }
}
