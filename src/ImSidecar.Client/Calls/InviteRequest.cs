using ImSidecar.Client.Sip;

namespace ImSidecar.Client.Calls;

/// <summary>Builds the initial INVITE, RFC 3261 13.2.1 with the headers OMA SIMPLE IM wants.</summary>
internal static class InviteRequest
{
    public static SipMessage Create(UserAgent agent, string uri, InviteOptions options)
    {
        var invite = agent.CreateRequest("INVITE", uri)
            .Add("Contact", agent.ContactHeader)
            .Add("Accept-Contact", "*;+g.oma.sip-im;require;explicit")
            .Add("Allow", UserAgent.Methods)
            .Add("Supported", "timer");
        if (options.SessionExpires is { } expires)
            invite.Add("Session-Expires", expires);
        if (options.Subject is { } subject)
            invite.Add("Subject", subject);
        if (options.RawBody is var (contentType, body))
            invite.WithBody(contentType, body);
        foreach (var (name, value) in options.Headers)
            invite.Set(name, value);
        return invite;
    }
}
