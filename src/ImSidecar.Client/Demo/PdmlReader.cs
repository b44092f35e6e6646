using System.Globalization;
using System.Xml;

namespace ImSidecar.Client.Demo;

/// <summary>Reads tshark's PDML: several messages may stand in one packet, and one message end in it.</summary>
internal static class PdmlReader
{
    public static List<WireMessage> Read(TextReader input)
    {
        var messages = new List<WireMessage>();
        using var reader = XmlReader.Create(input, new() { DtdProcessing = DtdProcessing.Prohibit });
        var time = DateTimeOffset.UnixEpoch;
        var (source, target) = (0, 0);
        WireMessage? current = null;
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element)
                continue;

            var name = reader.GetAttribute("name") ?? "";
            switch (reader.Name)
            {
                case "packet":
                    current = null;
                    break;
                case "proto" when name is "sip" or "msrp":
                    current = new()
                    {
                        At = time,
                        SourcePort = source,
                        TargetPort = target,
                        IsMsrp = name == "msrp",
                    };
                    messages.Add(current);
                    break;
                case "proto" when name == "fake-field-wrapper":
                    current = null;
                    break;
                case "field" when name == "timestamp":
                    time = ReadTime(reader.GetAttribute("value"));
                    break;
                case "field" when name is "udp.srcport" or "tcp.srcport":
                    source = Port(reader);
                    break;
                case "field" when name is "udp.dstport" or "tcp.dstport":
                    target = Port(reader);
                    break;
                default:
                    if (name.StartsWith("_ws.malformed", StringComparison.Ordinal))
                        MarkMalformed(messages, current, time, source, target);
                    else if (current is not null)
                        Take(current, name, reader.GetAttribute("show") ?? "");
                    break;
            }
        }

        return messages;
    }

    private static void Take(WireMessage message, string name, string shown)
    {
        switch (name)
        {
            case "sip.Method" or "msrp.method" when message[name] is null:
                message.IsRequest = true;
                message.Label = shown;
                break;
            case "sip.Status-Code" or "msrp.status.code":
                message.Label = shown;
                break;
            case "sip.CSeq.method" when !message.IsRequest:
                message.Label += " " + shown;
                break;
            case "sip.resend":
                message.IsAgain |= shown == "1";
                break;
            case "xml.attribute" when shown.Split('=') is [var attribute, var value]:
                message.Fields.TryAdd("xml." + attribute.Trim(), value.Trim('"', ' '));
                break;
            case "" when message.IsMsrp:
                message.Lines.Add(shown);
                break;
        }

        message.Fields.TryAdd(name, shown);
    }

    private static void MarkMalformed(
        List<WireMessage> messages, WireMessage? current, DateTimeOffset time, int source, int target)
    {
        if (current is null)
            messages.Add(current = new() { At = time, SourcePort = source, TargetPort = target });
        current.IsMalformed = true;
    }

    private static int Port(XmlReader field) =>
        int.TryParse(field.GetAttribute("show"), CultureInfo.InvariantCulture, out var port) ? port : 0;

    private static DateTimeOffset ReadTime(string? value) =>
        decimal.TryParse(value, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : DateTimeOffset.UnixEpoch;
}
