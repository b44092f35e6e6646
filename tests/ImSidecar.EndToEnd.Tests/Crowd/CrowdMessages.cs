using System.Globalization;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.EndToEnd.Tests.Crowd;

/// <summary>The requests and answers of a crowd's users; they come from the trusted side, as through an S-CSCF.</summary>
internal static class CrowdMessages
{
    public static SipMessage Invite(
        CrowdMember from, IEnumerable<string> recipients, byte[] offer, string? displayName)
    {
        MimePart[] parts = [MimePart.Of("application/sdp", offer), RecipientList(recipients, displayName)];
        var boundary = MultipartWriter.ChooseBoundary(Token.New(16), parts);
        return Initial(from, "INVITE", DemoProfile.Factory)
            .Add("Require", "recipient-list-invite")
            .Add("Supported", "timer")
            .Add("Allow", "INVITE, ACK, BYE, CANCEL, NOTIFY")
            .WithBody(MultipartWriter.ContentType("mixed", boundary), MultipartWriter.Write(boundary, parts));
    }

    public static SipMessage Call(CrowdMember from, string group, byte[] offer) =>
        Initial(from, "INVITE", group)
            .Add("Supported", "timer")
            .Add("Allow", "INVITE, ACK, BYE, CANCEL, NOTIFY")
            .WithBody("application/sdp", offer);

    public static SipMessage Subscribe(CrowdMember from, string focus, int seconds) =>
        Initial(from, "SUBSCRIBE", focus)
            .Add("Event", "conference")
            .Add("Accept", "application/conference-info+xml")
            .Add("Expires", seconds.ToString(CultureInfo.InvariantCulture));

    public static SipMessage Refresh(CrowdMember from, Dialog dialog, byte[] description) =>
        dialog.CreateRequest("INVITE")
            .Add("Contact", from.Contact)
            .Add("Supported", "timer")
            .WithBody("application/sdp", description);

    public static SipMessage Register(CrowdMember member, string? authorization)
    {
        var register = Request("REGISTER", "sip:example.com", member.AddressOfRecord, member.AddressOfRecord)
            .Add("Contact", member.Binding)
            .Add("Expires", "3600");
        return authorization is null ? register : register.Add("Authorization", authorization);
    }

    public static SipMessage Answer(SipMessage request, int status, string tag)
    {
        var answer = SipMessage.Response(status);
        foreach (var name in (string[])["Via", "Record-Route", "From", "To", "Call-ID", "CSeq"])
            answer.CopyFrom(request, name);
        return request.ToTag is null ? answer.Set("To", $"{request["To"]};tag={tag}") : answer;
    }

    private static SipMessage Initial(CrowdMember from, string method, string uri) =>
        Request(method, uri, from.AddressOfRecord, uri)
            .Add("P-Asserted-Identity", $"<{from.AddressOfRecord}>")
            .Add("Contact", from.Contact)
            .Add("Accept-Contact", "*;+g.oma.sip-im;require;explicit");

    private static SipMessage Request(string method, string uri, string from, string to) =>
        SipMessage.Request(method, uri)
            .Add("Max-Forwards", "70")
            .Add("From", $"<{from}>;tag={Token.New(10)}")
            .Add("To", $"<{to}>")
            .Add("Call-ID", Token.New(20))
            .Add("CSeq", $"1 {method}");

    private static MimePart RecipientList(IEnumerable<string> recipients, string? displayName) =>
        new(SipHeaders.Of(("Content-Type", ResourceListXml.MediaType), ("Content-Disposition", "recipient-list")),
            ResourceListXml.Write(new([.. recipients.Select(uri =>
                new ResourceListEntry(uri, displayName))])));
}
