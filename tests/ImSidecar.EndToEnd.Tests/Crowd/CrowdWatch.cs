using ImSidecar.Client.Sip;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.EndToEnd.Tests.Crowd;

/// <summary>One subscription of a crowd's user: what its documents say together, RFC 4575 4.6.</summary>
internal sealed class CrowdWatch
{
    private readonly Lock _gate = new();
    private ConferenceView _view = new();
    private string? _callId;
    private uint _cseq;

    /// <summary>Of full documents and of partial ones.</summary>
    public (int Full, int Partial) Documents { get; private set; }

    /// <summary>The largest document that came.</summary>
    public int LargestDocument { get; private set; }

    public bool IsOver { get; private set; }

    public bool IsWatching => _callId is not null && !IsOver;

    /// <summary>Null while it lives; else the reason.</summary>
    public string? EndReason { get; private set; }

    public int UserCount
    {
        get
        {
            lock (_gate)
                return _view.Roster.Count(user => user.Endpoints.All(each => each.Status == EndpointStatus.Connected));
        }
    }

    /// <summary>Who is there, by entity.</summary>
    public List<string> Roster
    {
        get
        {
            lock (_gate)
                return [.. _view.Roster.Select(user => user.Entity)];
        }
    }

    public void Begin(SipMessage subscribe)
    {
        lock (_gate)
        {
            _callId = subscribe.CallId;
            _view = new();
            _cseq = 0;
            IsOver = false;
            EndReason = null;
        }
    }

    public void Answered(SipMessage subscribe, SipMessage answer)
    {
        lock (_gate)
            IsOver |= subscribe.CallId == _callId && !answer.IsSuccess;
    }

    /// <summary>The answer to that NOTIFY, and what is wrong with it.</summary>
    public (int Status, string? Fault) Take(SipMessage notify)
    {
        lock (_gate)
        {
            if (notify.CallId != _callId || IsOver)
                return (481, $"NOTIFY for no subscription, {notify["Subscription-State"]}");

            // A copy of the last one over UDP, or one that was overtaken.
            if (notify.CSeq <= _cseq)
                return (notify.CSeq == _cseq ? 200 : 500, notify.CSeq == _cseq ? null : "an old NOTIFY");

            _cseq = notify.CSeq;
            var state = notify["Subscription-State"] ?? "";
            IsOver = state.StartsWith("terminated", StringComparison.Ordinal);
            EndReason = IsOver ? SipMessage.Parameter(state, "reason") : null;
            return (200, notify.Body.IsEmpty ? null : Merge(notify.Body));
        }
    }

    private string? Merge(ReadOnlyMemory<byte> body)
    {
        if (!CrowdDocuments.TryRead(body, out var document))
            return "a document that cannot be read";

        var outcome = _view.Apply(document);
        LargestDocument = Math.Max(LargestDocument, body.Length);
        Documents = document.State == ElementState.Full
            ? (Documents.Full + 1, Documents.Partial)
            : (Documents.Full, Documents.Partial + 1);
        return outcome is ViewOutcome.Applied or ViewOutcome.Ended
            ? null
            : $"document {document.Version} does not follow: {outcome}";
    }
}
