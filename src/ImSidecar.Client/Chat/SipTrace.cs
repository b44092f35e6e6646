using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client.Chat;

/// <summary>Shows SIP as it goes over the wire, proofs of passwords left out.</summary>
internal sealed class SipTrace(TextWriter output)
{
    private readonly Lock _gate = new();

    public void Write(WireRecord record)
    {
        var message = record.Message.Clone();
        foreach (var name in (string[])["Authorization", "Proxy-Authorization"])
        {
            if (message[name] is not null)
                message.Set(name, "(left out)");
        }

        lock (_gate)
        {
            output.WriteLine($"--- {record.At:HH:mm:ss.fff} {(record.IsOutgoing ? "to" : "from")} {record.Flow}");
            foreach (var line in PlainText.Lines(System.Text.Encoding.UTF8.GetString(SipCodec.Write(message))))
                output.WriteLine(line);
            output.Flush();
        }
    }
}
