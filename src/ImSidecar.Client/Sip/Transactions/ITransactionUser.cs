using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client.Sip.Transactions;

/// <summary>The core above the transactions, RFC 3261 5; called in order of arrival, so it must not wait.</summary>
internal interface ITransactionUser
{
    void OnRequest(ServerTransaction transaction);

    /// <summary>An ACK for a 2xx.</summary>
    void OnAck(SipMessage ack);

    /// <summary>A response no transaction waits for: a late 2xx must still be acknowledged and ended.</summary>
    void OnStrayResponse(SipMessage response, SipFlow flow);

    void OnViolation(ProtocolViolation violation);
}
