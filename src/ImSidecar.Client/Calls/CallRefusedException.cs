using ImSidecar.Client.Sip;

namespace ImSidecar.Client.Calls;

/// <summary>An INVITE or SUBSCRIBE got a final answer that is not 2xx.</summary>
public sealed class CallRefusedException(SipMessage response)
    : Exception($"{response.Status} {response.Reason}{(response["Warning"] is { } warning ? " " + warning : "")}")
{
    public SipMessage Response => response;
}
