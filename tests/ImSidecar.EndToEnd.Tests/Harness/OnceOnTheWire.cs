using ImSidecar.Client;
using ImSidecar.Client.Sip;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>A request of the sidecar is sent once: all copies that reach a handset are of one transaction.</summary>
internal static class OnceOnTheWire
{
    public static IEnumerable<string> Faults(IEnumerable<Handset> handsets) => handsets
        .SelectMany(handset => handset.Trace)
        .Where(record => !record.IsOutgoing && record.Message is { IsRequest: true, Method: not "ACK" })
        // The last Via is that of the transaction in which it began.
        .Select(record => (record.Message, Via: record.Message.List("Via")[^1]))
        .GroupBy(each => (each.Message.CallId, each.Message.CSeq, each.Message.Method, each.Message.FromTag))
        .Where(copies => copies.Select(each => SipMessage.Parameter(each.Via, "branch")).Distinct().Count() > 1)
        .Select(copies => $"{copies.Key.Method} {copies.Key.CSeq} of {copies.Key.CallId} was sent twice");
}
