using System.Collections.Concurrent;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>Which leg has which connection and bridge. One lock to change it; who forwards reads without.</summary>
internal sealed class SwitchTable(
    MsrpOptions options, TimeProvider clock, Func<MsrpLegEvent, bool> raise, Action<SwitchLeg> connect)
{
    // As many phones as one user has, RFC 3261 13.2.2.4.
    private const int MaxRivals = 4;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, SwitchLeg> _legs = new(StringComparer.Ordinal);
    private readonly HeldBytes _held = new(options.MaxHeldBytes);
    private readonly Dictionary<string, Bridge> _bridges = new(StringComparer.Ordinal);

    internal enum BindResult
    {
        Bound,
        Unknown,
        BoundElsewhere,

        /// <summary>TLS does not show who the leg is for.</summary>
        NotProven,
    }

    /// <summary>Until it has ended legs are still to come.</summary>
    public Func<Task> AllAreOpen { get; set; } = () => Task.CompletedTask;

    public IEnumerable<SwitchLeg> Legs => _legs.Select(each => each.Value);

    public SwitchLeg? Find(string sessionId) => _legs.GetValueOrDefault(sessionId);

    /// <summary>Takes to the host what the peer of that leg asks.</summary>
    public void Ask(LegBinding binding, MsrpHead request, string nickname) => raise(new MsrpLegNickname(
        binding.Leg.SessionId, binding.Leg.Leg.BridgeId, request.TransactionId, nickname));

    /// <summary>Opens or updates; true when the caller has to connect.</summary>
    public bool Open(MsrpLeg leg, out SwitchLeg entry)
    {
        lock (_gate)
        {
            if (!_legs.TryGetValue(leg.SessionId, out entry!))
            {
                entry = Create(leg);
                _legs[leg.SessionId] = entry;
                MsrpMetrics.Legs.Add(1);
            }
            else
            {
                Update(entry, leg);
            }

            if (entry.Binding is null)
                entry.WaitsSince = clock.GetTimestamp();

            Expect(entry);
            return !entry.IsConnecting && (entry.IsConnecting = entry.MustConnect);
        }
    }

    // One that ends here is in no bridge with others: nobody hears it and it hears nobody.
    private SwitchLeg Create(MsrpLeg leg)
    {
        if (leg.EndsHere)
            return new(leg, new(leg.BridgeId), clock, new(_held, raise, clock), new(options, raise));

        var entry = new SwitchLeg(leg, BridgeOf(leg.BridgeId), clock);
        entry.Bridge.Add(entry);
        return entry;
    }

    /// <summary>Where to connect for this leg; null when that is to end.</summary>
    public MsrpUri? TargetOf(SwitchLeg leg)
    {
        lock (_gate)
        {
            var isOpen = _legs.TryGetValue(leg.SessionId, out var entry) && entry == leg;
            leg.IsConnecting = isOpen && leg.MustConnect;
            return leg.IsConnecting ? leg.Leg.ConnectTo ?? leg.Leg.RemotePath[0] : null;
        }
    }

    public void Close(string sessionId)
    {
        lock (_gate)
        {
            if (!_legs.TryRemove(sessionId, out var leg))
                return;

            MsrpMetrics.Legs.Add(-1);
            Leave(leg);
            Release(leg);
        }
    }

    /// <param name="head">The request that asks for it; null: we have connected.</param>
    public BindResult Bind(string sessionId, MsrpHead? head, MsrpConnection connection, out LegBinding binding)
    {
        binding = null!;
        lock (_gate)
        {
            if (!_legs.TryGetValue(sessionId, out var leg))
                return BindResult.Unknown;

            // A peer's path may lead back to us: what legs of ours say to each other would go round without an end, unless
            // one of them is where it ends.
            if (head is not null && leg.Arrived is null && GoesRound(head))
                return BindResult.Unknown;

            if (!connection.MayServe(leg.Leg))
                return BindResult.NotProven;

            if (head is not null && leg.IsFromFormer(head))
            {
                binding = leg.Former!;
                return leg.Former?.Connection == connection ? BindResult.Bound : BindResult.Unknown;
            }

            if (leg.Binding is { IsOver: false } bound)
            {
                binding = bound;
                if (bound.Connection == connection)
                    return BindResult.Bound;

                if (RivalOf(leg, head, connection) is { } rival)
                {
                    binding = rival;
                    return BindResult.Bound;
                }

                var next = new LegBinding(leg, connection, options) { PeerSession = SessionOf(head) };
                if ((bound.IsPeers || !next.IsPeers) && !IsDead(bound))
                    return BindResult.BoundElsewhere;

                Release(leg);
            }

            MsrpTraces.Connected(leg, clock.GetElapsedTime(leg.WaitsSince));
            binding = leg.Binding = new(leg, connection, options) { PeerSession = SessionOf(head) };
            leg.HasAnswered();
            leg.IsConnecting = false;
            connection.Attach(binding);
            Expect(leg);
            raise(new MsrpLegConnected(leg.SessionId, leg.Leg.BridgeId));
            return BindResult.Bound;
        }
    }

    /// <summary>The connection of a leg is gone; null for a reason that the host knows itself.</summary>
    public void Lose(LegBinding binding, MsrpLoss? loss)
    {
        lock (_gate)
        {
            if (binding.Leg.Former == binding)
            {
                EndFormer(binding.Leg);
                return;
            }

            var wasOver = binding.IsOver;
            binding.End();
            binding.Leg.Rivals.Remove(binding);
            if (wasOver || binding.Leg.Binding != binding)
                return;

            // It may come back: what has waited so far waits for it, and so does what is said meanwhile.
            var left = loss is null or MsrpLoss.UnknownToPeer ? null : binding.Leg.Outbox;
            if (left is not null)
                binding.Leg.Outbox = null;

            Release(binding.Leg);
            if (loss is not { } known)
                return;

            Expect(binding.Leg);
            Keep(left, binding.Leg.Outbox);
            raise(new MsrpLegLost(binding.Leg.SessionId, binding.Leg.Leg.BridgeId, known));
            if (known != MsrpLoss.UnknownToPeer && !binding.Leg.IsConnecting && binding.Leg.MustConnect)
            {
                binding.Leg.IsConnecting = true;
                connect(binding.Leg);
            }
        }
    }

    /// <summary>No connection came to be. Nothing happens when the leg has one after all, or is closed.</summary>
    public void GiveUp(SwitchLeg leg, MsrpLoss loss)
    {
        lock (_gate)
        {
            leg.IsConnecting = false;
            if (leg.Binding is not null || leg.Outbox is null)
                return;

            // A host that gives a time decides when it is over: until it closes the leg, what is said waits.
            if (leg.Leg.ConnectWithin is null)
                Release(leg);

            leg.WaitsSince = clock.GetTimestamp();
            raise(new MsrpLegLost(leg.SessionId, leg.Leg.BridgeId, loss));
        }
    }

    /// <summary>The peer has moved and is not heard where he was: what he has not answered begins anew.</summary>
    public void EndFormer(SwitchLeg leg)
    {
        lock (_gate)
        {
            if (leg.Former is not { } former)
                return;

            leg.Former = null;
            former.End();
            if (leg.Outbox is { } next)
                former.Outbox?.CloseInto(next);
            else
                former.Outbox?.Close();
            former.Connection.OnBindingOver();
        }
    }

    // What was on its way when the connection broke is lost, what was still here is not.
    private static void Keep(Outbox? left, Outbox? next)
    {
        if (next is not null)
            left?.MoveTo(next);

        left?.Close();
    }

    // Which of several phones has answered first is known with the peer's path. A relay may have more than one
    // connection to us, RFC 4976 6.1, and what the peer says may come by another one than ours to it.
    private LegBinding? RivalOf(SwitchLeg leg, MsrpHead? head, MsrpConnection connection)
    {
        var isRelayed = head is not null && leg.IsFromRelayOf(head);
        if (head is null || leg.Paths is not null && !isRelayed)
            return null;

        if (leg.Rivals.Find(each => each is { IsOver: false } && each.Connection == connection) is { } known)
            return known;

        if (leg.Rivals.Count == MaxRivals || !isRelayed && leg.Binding!.PeerSession == SessionOf(head))
            return null;

        var rival = new LegBinding(leg, connection, options) { PeerSession = SessionOf(head) };
        leg.Rivals.Add(rival);
        connection.Attach(rival);
        return rival;
    }

    // The peer is known now: whoever else came in is not he.
    private static void Choose(SwitchLeg leg)
    {
        var chosen = leg.Binding is { IsOver: false, IsPeers: true }
            ? leg.Binding
            : leg.Rivals.Find(each => each is { IsOver: false, IsPeers: true }) ?? leg.Binding;
        foreach (var other in leg.Rivals.Append(leg.Binding).OfType<LegBinding>().Where(each => each != chosen))
        {
            other.End();
            other.Connection.OnBindingOver();
        }

        leg.Rivals.Clear();
        leg.Binding = chosen;
    }

    private static string? SessionOf(MsrpHead? head) =>
        head?.FromPath is [.., { SessionId: { } session }] ? session : null;

    private bool GoesRound(MsrpHead head)
    {
        foreach (var hop in head.FromPath)
        {
            if (hop.SessionId is { } session && _legs.TryGetValue(session, out var leg) && leg.Arrived is null
                && leg.Leg.LocalUri.Equals(hop))
                return true;
        }

        return false;
    }

    private void Update(SwitchLeg entry, MsrpLeg leg)
    {
        var before = entry.Leg;
        entry.Update(leg);
        if (before.BridgeId != leg.BridgeId && entry.Arrived is null)
        {
            Leave(entry);
            entry.Bridge = BridgeOf(leg.BridgeId);
            entry.Bridge.Add(entry);
        }

        // Another path is another peer; one that becomes known leaves the connection that came before it.
        if (entry.Binding is not null
            && !before.RemotePath.IsDefaultOrEmpty
            && !leg.RemotePath.IsDefaultOrEmpty
            && !IsSamePath(before, leg))
            Move(entry, entry.Binding, before);

        // Who came before the answer did is known by his certificate only now.
        if (entry.Binding is { IsOver: false } early && !early.Connection.MayServe(leg))
            Lose(early, MsrpLoss.NotProven);

        if (entry.Paths is { } paths)
        {
            if (entry.Rivals.Count > 0 && !IsSamePath(before, leg))
                Choose(entry);
            entry.Outbox?.Readdress(paths);
        }
    }

    private static bool IsSamePath(MsrpLeg before, MsrpLeg now) =>
        before.RemotePath.AsSpan().SequenceEqual(now.RemotePath.AsSpan());

    // What is under way on the connection he has comes to its end there; what is new waits for that.
    private void Move(SwitchLeg leg, LegBinding left, MsrpLeg before)
    {
        EndFormer(leg);
        (leg.Former, leg.FormerSession) = (left, before.RemotePath[^1].SessionId);
        left.UsedAt = clock.GetTimestamp();
        leg.Binding = null;
        leg.HasAnswered();
        leg.Outbox = new(leg.Paths!, options.MaxBacklogBytes, clock, isHeld: left.Outbox is not null);
        left.Outbox?.MoveTo(leg.Outbox);
    }

    // From here on messages for the leg are kept, connected or not.
    private void Expect(SwitchLeg leg)
    {
        if (leg.Paths is not { } paths)
            return;

        if (leg.Outbox is null)
        {
            leg.Outbox = new(paths, options.MaxBacklogBytes, clock);
            leg.WaitsSince = clock.GetTimestamp();
        }

        if (leg.Binding is { } binding)
        {
            binding.Outbox = leg.Outbox;
            binding.Connection.Serve(leg.Outbox);
        }
    }

    private void Release(SwitchLeg leg)
    {
        EndFormer(leg);
        foreach (var rival in leg.Rivals)
        {
            rival.End();
            rival.Connection.OnBindingOver();
        }

        leg.Rivals.Clear();
        leg.Outbox?.Close();
        leg.Outbox = null;
        if (leg.Binding is { } binding)
        {
            binding.End();
            leg.Binding = null;
            binding.Connection.OnBindingOver();
        }
    }

    // Who knows the session id is the peer; does the other connection not say that it lives, this is the one he has.
    private bool IsDead(LegBinding bound)
    {
        var leg = bound.Leg;
        if (bound.Connection.MayHaveAnswersUnread(options.ChallengeTimeout))
            return false;

        if (leg.IsUnresponsive
            || leg.ChallengedAt is not 0 and var at && clock.GetElapsedTime(at) > options.ChallengeTimeout)
            return true;

        if (leg.ChallengedAt == 0 && leg.Outbox is { } outbox)
        {
            leg.ChallengedAt = clock.GetTimestamp();
            bound.Connection.Challenge(outbox);
        }

        return false;
    }

    private Bridge BridgeOf(string id)
    {
        if (!_bridges.TryGetValue(id, out var bridge))
            _bridges[id] = bridge = new(id);

        return bridge;
    }

    private void Leave(SwitchLeg leg)
    {
        if (leg.Arrived is not null)
            return;

        leg.Bridge.Remove(leg);
        if (leg.Bridge.Legs.IsEmpty)
            _bridges.Remove(leg.Bridge.Id);
    }
}
