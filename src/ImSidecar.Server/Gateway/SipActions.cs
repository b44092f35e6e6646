using System.Text;
using Google.Protobuf;
using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Gateway;

/// <summary>From an effect to the action the link performs.</summary>
internal sealed class SipActions(Live<OperatorPolicy> policy, Live<GatewayOptions> options)
{
    /// <summary>As the module hears of a slot: 0 would be none.</summary>
    public static uint SlotOf(AggregateId id) => (uint)Slot.Of(id).Number + 1;

    /// <summary>Quiet: nobody wants to hear what became of it. By is the aggregate that answers.</summary>
    public SipAction Of(Respond respond, bool isQuiet = false, AggregateId? by = null)
    {
        var reply = new Reply
        {
            Transaction = respond.Transaction,
            Ordinal = (uint)respond.Ordinal,
            Code = (uint)respond.Status.Code,
            Reason = respond.Status.Reason,
            Body = UnsafeByteOperations.UnsafeWrap(respond.Body),
            RecordRoute = respond.RecordRoute,
            ToTag = respond.ToTag ?? "",
            Quiet = isQuiet,
            Slot = by is { } id ? SlotOf(id) : 0,
        };
        Add(reply.Headers, respond.Headers);
        if (respond.Headers.First("Server") is null)
            reply.Headers.Add(Header("Server", policy.Value.ReleaseVersion));
        if (respond.Warning is { } warning)
            reply.Headers.Add(Header("Warning", new Warning(policy.Value.ConferenceFactory.Host, warning).ToString()));
        if (respond.Status.Code == SipStatus.ServiceUnavailable.Code)
            reply.Headers.Add(Header("Retry-After", SessionSeconds(options.Value.RetryAfter)));

        return new() { Reply = reply };
    }

    public static SipAction Of(PassOn passed)
    {
        var action = new Relay
        {
            Transaction = passed.Transaction,
            Uri = passed.Uri?.Text ?? "",
            RecordRoute = passed.RecordRoute,
            Passed = (SessionCase)passed.Passed,
        };
        action.RemoveHeaders.AddRange(passed.Removed);
        Add(action.AddHeaders, passed.Added);
        return new() { Relay = action };
    }

    public SipAction Of(ActionKey key, OutgoingRequest request)
    {
        var comesUpAgain = ConcernsServedUser(request);
        var originate = new Originate
        {
            ActionKey = key.ToString(),
            Method = request.Method,
            Uri = request.Uri.Text,
            NextHop = request.IsInitial ? options.Value.NextHop : "",
            From = request.From,
            FromTag = request.FromTag,
            To = request.To,
            ToTag = request.ToTag,
            CallId = request.CallId,
            Cseq = (uint)request.CSeq,
            Body = UnsafeByteOperations.UnsafeWrap(request.Body),
            DoneMark = request.IsInitial && !comesUpAgain,
            Terminating = comesUpAgain,
            TimeoutMs = (uint)(policy.Value.NoAnswer + policy.Value.TransactionDeadline).TotalMilliseconds,
        };
        Add(originate.Headers, request.Headers);
        originate.Headers.Add(Header("User-Agent", policy.Value.ReleaseVersion));
        return new() { Originate = originate };
    }

    public static SipAction Of(SendAck ack)
    {
        var action = new Ack
        {
            ActionKey = ack.Key.ToString(),
            InviteKey = ack.Invite.ToString(),
            Uri = ack.Uri.Text,
            ToTag = ack.ToTag,
            From = ack.From,
            FromTag = ack.FromTag,
            To = ack.To,
            CallId = ack.CallId,
            Cseq = (uint)ack.Invite.CSeq,
        };
        foreach (var route in ack.RouteSet)
            action.Headers.Add(Header("Route", route));
        return new() { Ack = action };
    }

    public static SipAction Of(SendCancel cancel) => new()
    {
        Cancel = new() { ActionKey = cancel.Key.ToString(), InviteKey = cancel.Invite.ToString() },
    };

    // Who is called has his say about our own requests too; what we watch with SUBSCRIBE is the registrar's.
    private bool ConcernsServedUser(OutgoingRequest request) =>
        request is { IsInitial: true, IsAboveRules: false, Method: "INVITE" or "MESSAGE" or "REFER" }
        && (policy.Value.Participating.Serves(request.Uri) || (policy.Value.Participating.IsOn && request.Uri.Scheme == "tel"));

    private static void Add(Google.Protobuf.Collections.RepeatedField<Header> wire, SipHeaders headers)
    {
        foreach (var field in headers)
            wire.Add(Header(field.Name, field.Value));
    }

    private static Header Header(string name, string value) =>
        new() { Name = name, Value = ByteString.CopyFrom(value, Encoding.UTF8) };

    private static string SessionSeconds(TimeSpan time) =>
        ((long)time.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
