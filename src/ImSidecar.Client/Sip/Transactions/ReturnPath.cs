using System.Globalization;
using System.Net;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client.Sip.Transactions;

/// <summary>Where the answers to a request go: RFC 3261 18.2.2 and RFC 3581 4.</summary>
internal static class ReturnPath
{
    /// <summary>Writes received and rport into the topmost Via and names the flow for the answers.</summary>
    public static SipFlow Mark(SipMessage request, SipFlow flow)
    {
        if (request.List("Via") is not { Count: > 0 } vias)
            return flow;

        var via = vias[0];
        var hasReportPort = request.ViaParameter("rport") is not null;
        var sentBy = via.Split(';')[0].Split(' ')[^1].Trim();
        var marked = hasReportPort ? WithReportPort(via, flow.Remote.Port) : via;
        if (hasReportPort || !sentBy.StartsWith(flow.Remote.Address.ToString(), StringComparison.Ordinal))
            marked += $";received={flow.Remote.Address}";

        request.Remove("Via");
        foreach (var lower in vias.Skip(1).Reverse())
            request.AddFirst("Via", lower);
        request.AddFirst("Via", marked);
        return flow.IsReliable || hasReportPort
            ? flow
            : flow with { Remote = new IPEndPoint(flow.Remote.Address, PortOf(sentBy)) };
    }

    private static string WithReportPort(string via, int port) =>
        string.Join(';', via.Split(';').Select(part =>
            part.Trim().Equals("rport", StringComparison.OrdinalIgnoreCase)
                ? string.Create(CultureInfo.InvariantCulture, $"rport={port}")
                : part));

    private static int PortOf(string sentBy)
    {
        var colon = sentBy.LastIndexOf(':');
        return colon >= 0 && ushort.TryParse(sentBy.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var port)
            ? port
            : 5060;
    }
}
