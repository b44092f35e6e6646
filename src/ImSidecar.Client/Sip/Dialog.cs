using System.Net;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Sip;

/// <summary>A dialog as one side sees it, RFC 3261 12; followed by Record-Route and Contact alone.</summary>
public sealed class Dialog
{
    private readonly Lock _gate = new();
    private uint _localCSeq;

    private Dialog(string callId, string localTag, string remoteTag, uint localCSeq)
    {
        CallId = callId;
        LocalTag = localTag;
        RemoteTag = remoteTag;
        _localCSeq = localCSeq;
    }

    public string CallId { get; }

    public string LocalTag { get; }

    public string RemoteTag { get; }

    /// <summary>From of our requests, with tag.</summary>
    public required string Local { get; init; }

    /// <summary>To of our requests, with tag.</summary>
    public required string Remote { get; init; }

    /// <summary>The peer's latest Contact: what our Request-URI says.</summary>
    public required string RemoteTarget { get; set; }

    public required IReadOnlyList<string> RouteSet { get; init; }

    public uint LocalCSeq => _localCSeq;

    /// <summary>0 until the peer's first request.</summary>
    public uint RemoteCSeq { get; private set; }

    public DialogId Id => new(CallId, LocalTag, RemoteTag);

    /// <summary>The caller's side, RFC 3261 12.1.2; null if the response cannot make a dialog.</summary>
    public static Dialog? OfCaller(SipMessage request, SipMessage response)
    {
        if (response.ToTag is not { Length: > 0 } remoteTag || response.Contact is not { } target)
            return null;

        return new(request.CallId, request.FromTag ?? "", remoteTag, request.CSeq)
        {
            Local = request["From"] ?? "",
            Remote = response["To"] ?? "",
            RemoteTarget = target.Uri.Text,
            RouteSet = [.. response.List("Record-Route").Reverse()],
        };
    }

    /// <summary>The called side, RFC 3261 12.1.1; null if the request cannot make a dialog.</summary>
    public static Dialog? OfCalled(SipMessage request, string localTag)
    {
        if (request.FromTag is not { Length: > 0 } remoteTag || request.Contact is not { } target)
            return null;

        return new(request.CallId, localTag, remoteTag, 0)
        {
            Local = request.ToTag is null ? $"{request["To"]};tag={localTag}" : request["To"]!,
            Remote = request["From"] ?? "",
            RemoteTarget = target.Uri.Text,
            RouteSet = request.List("Record-Route"),
            RemoteCSeq = request.CSeq,
        };
    }

    /// <summary>The dialog of a SUBSCRIBE whose NOTIFY came before its answer, RFC 6665 4.1.3.</summary>
    public static Dialog? OfNotifier(SipMessage subscribe, SipMessage notify)
    {
        if (notify.FromTag is not { Length: > 0 } remoteTag || notify.Contact is not { } target)
            return null;

        return new(subscribe.CallId, subscribe.FromTag ?? "", remoteTag, subscribe.CSeq)
        {
            Local = subscribe["From"] ?? "",
            Remote = notify["From"] ?? "",
            RemoteTarget = target.Uri.Text,
            RouteSet = notify.List("Record-Route"),
        };
    }

    /// <summary>The next request in this dialog, RFC 3261 12.2.1.1, without Via.</summary>
    public SipMessage CreateRequest(string method) => CreateRequest(method, NextCSeq());

    public uint NextCSeq() => Interlocked.Increment(ref _localCSeq);

    /// <summary>A request with a CSeq of one's own choice: ACK, or a wrong one on purpose.</summary>
    public SipMessage CreateRequest(string method, uint cseq)
    {
        var isStrict = RouteSet is [var first, ..] && !IsLoose(first);
        var request = SipMessage.Request(method, isStrict ? BareUri(RouteSet[0]) : RemoteTarget);
        foreach (var route in isStrict ? RouteSet.Skip(1).Append($"<{RemoteTarget}>") : RouteSet)
            request.Add("Route", route);

        return request
            .Add("Max-Forwards", "70")
            .Add("From", Local)
            .Add("To", Remote)
            .Add("Call-ID", CallId)
            .Add("CSeq", $"{cseq} {method}");
    }

    /// <summary>Whether the CSeq of the peer's request is higher than the last, RFC 3261 12.2.2.</summary>
    public bool Accepts(SipMessage request)
    {
        lock (_gate)
        {
            if (request.CSeq <= RemoteCSeq && RemoteCSeq != 0)
                return false;

            RemoteCSeq = request.CSeq;
            return true;
        }
    }

    /// <summary>The next hop: the first Route, else the remote target; RFC 3261 8.1.2.</summary>
    public ValueTask<SipFlow> NextHopAsync(SipProtocol fallback, CancellationToken cancellation) =>
        NextHop.ResolveAsync(RouteSet is [var first, ..] ? BareUri(first) : RemoteTarget, fallback, cancellation);

    private static string BareUri(string route) =>
        NameAddress.TryParse(route, out var address) ? address.Uri.Text : route;

    private static bool IsLoose(string route) =>
        NameAddress.TryParse(route, out var address) && address.Uri.Parameter("lr") is not null;
}
