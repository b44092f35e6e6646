using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;

namespace ImSidecar.Client;

/// <summary>What lives in a dialog, RFC 5057; called in order of arrival, so it must not wait.</summary>
internal interface IDialogUsage
{
    string CallId { get; }

    string LocalTag { get; }

    void OnRequest(ServerTransaction transaction);

    /// <summary>The ACK for our 2xx.</summary>
    void OnAck(SipMessage ack);

    /// <summary>A 2xx to our INVITE after its transaction has ended.</summary>
    void OnLateAnswer(SipMessage response);
}
