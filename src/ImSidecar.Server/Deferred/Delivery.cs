using System.Collections.Concurrent;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Server.Deferred;

/// <summary>What is brought to one user in one session: what is wanted, and what is on its way.</summary>
internal sealed class Delivery(Deliver first, Action<DeliveryOutcome> ended)
{
    private readonly ConcurrentDictionary<string, Flight> _flights = new(StringComparer.Ordinal);
    private readonly LegMedia _media = first.Media;
    private readonly AcceptedTypes _types = new(first.Media.AcceptTypes, first.Media.AcceptWrappedTypes);

    public string User { get; } = first.User;

    public string SessionId => _media.SessionId;

    /// <summary>There are relays: their 200 says only that they have taken it, RFC 4976 5.1.</summary>
    public bool NeedsReports => _media.RemotePath.Length > 1;

    /// <summary>What it is to look for next; null: it may end. Its runner guards it.</summary>
    public Deliver? Next { get; set; } = first;

    /// <summary>Numbers of what the peer takes in no form.</summary>
    public HashSet<long> Unsuited { get; } = [];

    public Flight Add(DeferredMessage message, DeferredEncapsulation mode)
    {
        var flight = new Flight(message, Encapsulation.FormsOf(
            message, _types, _media.MaxSize, mode, FormattableString.Invariant($"defer{message.Number}")));
        _flights[flight.MessageId] = flight;
        return flight;
    }

    public void Remove(Flight flight)
    {
        _flights.TryRemove(flight.MessageId, out _);
        flight.Dispose();
    }

    public void On(MsrpMessageSettled settled) =>
        _flights.GetValueOrDefault(settled.MessageId)?.OnSettled(settled.Status);

    public void On(MsrpMessageReported reported) =>
        _flights.GetValueOrDefault(reported.MessageId)?.OnReported(reported.Status);

    public void End(DeliveryOutcome outcome) => ended(outcome);
}
