using System.Collections.Concurrent;

namespace ImSidecar.Client.Sip;

/// <summary>Looks at every message that comes in as a strict peer does, RFC 3261 8, 18 and 20.</summary>
internal sealed class SipInspector(Action<ProtocolViolation> report)
{
    private const int MaxBranches = 100_000;

    private static readonly string[] _once =
    [
        "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type", "Expires", "Event",
        "Subscription-State", "Session-Expires", "Min-SE",
    ];

    private static readonly string[] _needContact = ["INVITE", "SUBSCRIBE", "NOTIFY", "UPDATE", "REFER"];

    private readonly ConcurrentDictionary<string, string> _branches = [];

    /// <summary>False if the message lacks what is needed to answer or place it; it is then dropped.</summary>
    public bool IsAcceptable(SipMessage message)
    {
        foreach (var name in (string[])["Via", "From", "To", "Call-ID", "CSeq"])
        {
            if (message[name] is not { Length: > 0 })
                return Report("RFC 3261 8.1.1", $"no {name}", message);
        }

        if (message.CSeqMethod.Length == 0 || message.Address("From") is null || message.Address("To") is null)
            return Report("RFC 3261 8.1.1", "From, To or CSeq cannot be read", message);

        foreach (var name in _once)
        {
            if (message.Count(name) > 1)
                Report("RFC 3261 7.3.1", $"{name} stands more than once", message);
        }

        if (message.Body.Length > 0 && message["Content-Type"] is null)
            Report("RFC 3261 20.15", "a body without Content-Type", message);
        if (message["Content-Length"] is null)
            Report("RFC 3261 20.14", "no Content-Length", message);
        if (message.FromTag is not { Length: > 0 })
            Report("RFC 3261 8.1.1.3", "From without a tag", message);
        if (message.IsRequest)
            CheckRequest(message);
        else
            CheckResponse(message);
        return true;
    }

    /// <summary>What a response must have in common with its request, RFC 3261 8.2.6.2.</summary>
    public void CheckAnswer(SipMessage response, SipMessage request)
    {
        if (response.CallId != request.CallId || response.FromTag != request.FromTag || response.CSeq != request.CSeq)
            Report("RFC 3261 8.2.6.2", "Call-ID, From tag or CSeq is not the request's", response);
        if (request.ToTag is { } tag && response.Status > 100 && response.ToTag != tag)
            Report("RFC 3261 8.2.6.2", "To tag is not the request's", response);
        if (response.IsSuccess && request.Method == "INVITE")
            CheckSessionTimer(response, request);
        if (response.IsSuccess && request.Method == "SUBSCRIBE" && response["Expires"] is null)
            Report("RFC 6665 4.2.1.1", "2xx without Expires", response);
    }

    public void CheckRetransmission(SipMessage request, SipMessage first)
    {
        if (request.CallId != first.CallId || request.CSeq != first.CSeq || request.FromTag != first.FromTag)
            Report("RFC 3261 8.1.1.7", "one branch for two transactions", request);
    }

    private void CheckRequest(SipMessage request)
    {
        if (request.CSeqMethod != request.Method)
            Report("RFC 3261 8.1.1.5", "the method of CSeq is another", request);
        if (request["Max-Forwards"] is null)
            Report("RFC 3261 8.1.1.6", "no Max-Forwards", request);
        if (request.Branch?.StartsWith("z9hG4bK", StringComparison.Ordinal) != true)
            Report("RFC 3261 8.1.1.7", "Via branch without the magic cookie", request);
        if (_needContact.Contains(request.Method) && (request.List("Contact").Count != 1 || request.Contact is null))
            Report("RFC 3261 8.1.1.8", "not exactly one Contact", request);
        if (request.Method == "NOTIFY" && (request["Event"] is null || request["Subscription-State"] is null))
            Report("RFC 6665 4.1.3", "NOTIFY without Event or Subscription-State", request);
        if (request.Method is not ("ACK" or "CANCEL"))
            CheckBranch(request);
    }

    /// <summary>The originator's branch is new for each transaction, the ACK for a 2xx too.</summary>
    public void CheckBranch(SipMessage request)
    {
        if (_branches.Count > MaxBranches || SipMessage.Parameter(request.List("Via")[^1], "branch") is not { } branch)
            return;

        var owner = $"{request.CallId} {request["CSeq"]} {request.FromTag}";
        if (_branches.GetOrAdd(branch, owner) != owner)
            Report("RFC 3261 8.1.1.7", "branch used before in another transaction", request);
    }

    private void CheckResponse(SipMessage response)
    {
        if (response.List("Via").Count != 1)
            Report("RFC 3261 8.1.3.3", "not exactly one Via", response);
        if (response.Status > 100 && response.ToTag is not { Length: > 0 })
            Report("RFC 3261 8.2.6.2", "To without a tag", response);
        if (response.IsSuccess && response.CSeqMethod is "INVITE" or "SUBSCRIBE"
            && (response.List("Contact").Count != 1 || response.Contact is null))
            Report("RFC 3261 12.1.1", "2xx that makes a dialog without exactly one Contact", response);
        if (response.Status == 405 && response["Allow"] is null)
            Report("RFC 3261 21.4.6", "405 without Allow", response);
        if (response.Status == 420 && response["Unsupported"] is null)
            Report("RFC 3261 8.2.2.3", "420 without Unsupported", response);
    }

    private void CheckSessionTimer(SipMessage response, SipMessage request)
    {
        if (response["Session-Expires"] is not { } value)
            return;

        var refresher = SipMessage.Parameter(value, "refresher");
        var supported = request.Lists("Supported", "timer");
        if (refresher is not ("uac" or "uas"))
            Report("RFC 4028 9", "Session-Expires of a 2xx without refresher", response);
        if (refresher == "uac" && !response.Lists("Require", "timer"))
            Report("RFC 4028 9", "refresher=uac without Require: timer", response);
        if (refresher == "uac" && !supported)
            Report("RFC 4028 9", "refresher=uac for a peer without timer", response);
    }

    private bool Report(string rule, string detail, SipMessage message)
    {
        report(ProtocolViolation.Of(rule, detail, message));
        return false;
    }
}
