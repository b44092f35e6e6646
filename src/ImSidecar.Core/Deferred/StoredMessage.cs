using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Deferred;

/// <summary>Writes what is kept of a request, byte for byte as it is pushed; App. D.2, B.</summary>
public static class StoredMessage
{
    // What only hops use, or only the core may know; RFC 3261 20, RFC 7315.
    private static readonly FrozenSet<string> _ofHops = FrozenSet.ToFrozenSet(
        [
            "Route", "Record-Route", "Proxy-Authorization", "Authorization", "Proxy-Require", "Content-Length",
            "P-Access-Network-Info", "P-Charging-Vector", "P-Charging-Function-Addresses", "P-Served-User",
            "P-Original-Dialog-ID", "P-Visited-Network-ID",
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> _ofIdentity = FrozenSet.ToFrozenSet(
        ["P-Asserted-Identity", "P-Preferred-Identity", "Referred-By", "Contact"], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// A MESSAGE, whole: with the Date of its reception if the sender has written none, without who asserted whom if
    /// that is not to be told.
    /// </summary>
    public static ReadOnlyMemory<byte> OfMessage(
        ImRequest request, ReadOnlyMemory<byte> body, DateTimeOffset receivedAt, bool isAnonymous)
    {
        var output = new ArrayBufferWriter<byte>(1024 + body.Length);
        Line(output, $"{request.Method} {request.Uri} SIP/2.0");
        var hasDate = request.Headers.First("Date") is not null;
        foreach (var field in request.Headers)
        {
            var name = CompactForm.Expand(field.Name);
            if (_ofHops.Contains(name) || (isAnonymous && _ofIdentity.Contains(name)))
                continue;

            // Where the seed has it: between Call-ID and CSeq.
            if (!hasDate && name.Equals("CSeq", StringComparison.OrdinalIgnoreCase))
                Line(output, "Date: " + DateOf(receivedAt));
            Line(output, $"{field.Name}: {field.Value}");
        }

        Line(output, string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}"));
        Line(output, "");
        output.Write(body.Span);
        return output.WrittenMemory;
    }

    public static string DateOf(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("R", CultureInfo.InvariantCulture);

    private static void Line(ArrayBufferWriter<byte> output, string text)
    {
        Encoding.UTF8.GetBytes(text, output);
        output.Write("\r\n"u8);
    }
}
