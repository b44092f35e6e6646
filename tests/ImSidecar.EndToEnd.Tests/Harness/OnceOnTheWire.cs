using ImSidecar.Client;
using ImSidecar.Client.Sip;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>A request of the sidecar is sent once: all copies that reach a handset are of one transaction.</summary>
internal static class OnceOnTheWire
{
    public static IEnumerable<string> Faults(IEnumerable<Handset> handsets) => handsets
        .SelectMany(handset => handset.Trace.Select(record => (Handset: handset.ContactUri, Record: record)))
        .Where(each => !each.Record.IsOutgoing && each.Record.Message is { IsRequest: true, Method: not "ACK" })
        // The last Via is that of the transaction in which it began.
        .Select(each => (each.Record.Message, Via: each.Record.Message.List("Via")[^1], each.Handset))
        // Each fork has a dialog of its own, and a proxy cancels each by itself.
        .GroupBy(each => (each.Message.CallId, each.Message.CSeq, each.Message.Method, each.Message.FromTag,
            each.Message.ToTag, Phone: each.Message.Method == "CANCEL" ? each.Handset : ""))
        .Where(copies => copies.Select(each => SipMessage.Parameter(each.Via, "branch")).Distinct().Count() > 1)
        .Select(copies => $"{copies.Key.Method} {copies.Key.CSeq} of {copies.Key.CallId} was sent twice");
}
