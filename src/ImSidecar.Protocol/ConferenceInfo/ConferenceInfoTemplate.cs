using System.Buffers.Text;

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
        Span<byte> digits = stackalloc byte[10];
        Utf8Formatter.TryFormat(version, digits, out var length);
        var body = new byte[_head.Length + length + _tail.Length];
        _head.CopyTo(body, 0);
        digits[..length].CopyTo(body.AsSpan(_head.Length));
        _tail.CopyTo(body, _head.Length + length);
        return body;
    }
}
