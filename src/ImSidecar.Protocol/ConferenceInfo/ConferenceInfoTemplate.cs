using System.Globalization;
using System.Text;

namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>A document rendered once, to be sent with another version to each subscriber, RFC 4575 4.6.</summary>
public sealed class ConferenceInfoTemplate
{
    private readonly byte[] _head;
    private readonly byte[] _tail;

    public ConferenceInfoTemplate(ConferenceInfo info)
    {
        // The first match is the root's attribute: within the text before it a quotation mark is written as &quot;.
        var body = ConferenceInfoXml.Write(info with { Version = 0 });
        var slot = body.AsSpan().IndexOf("\" version=\"0\""u8) + "\" version=\"".Length;
        _head = body[..slot];
        _tail = body[(slot + 1)..];
    }

    public byte[] Render(uint version)
    {
        var digits = Encoding.ASCII.GetBytes(version.ToString(CultureInfo.InvariantCulture));
        return [.. _head, .. digits, .. _tail];
    }
}
