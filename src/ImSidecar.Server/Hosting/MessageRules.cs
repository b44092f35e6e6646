using System.Collections.Concurrent;
using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Xdm;

namespace ImSidecar.Server.Hosting;

/// <summary>Messages to several, as their mailboxes see them.</summary>
internal sealed class MessageRules(Groups groups, HiddenCallers hidden, Live<OperatorPolicy> policy) : IAggregateKind
{
    private readonly ConcurrentDictionary<string, int> _ofSender = new();
    private int _held;

    public AggregateKind Kind => AggregateKind.PageMessage;

    /// <summary>How many this node has.</summary>
    public int Held => Volatile.Read(ref _held);

    public async ValueTask<Facts> ReadFactsAsync(
        Aggregate? current, AggregateEvent happened, Facts facts, CancellationToken cancellation)
    {
        if (current is not null || happened is not RequestArrived { Request: MessageRequest message })
            return facts;

        var known = facts with { MessagesHeld = Held, MessagesOfSender = HeldOf(message.Originator?.Bare) };
        return message.Uri.Host.Equals(policy.Value.GroupDomain, StringComparison.OrdinalIgnoreCase)
            ? known with { Group = await groups.OfAsync(message.Uri) }
            : known;
    }

    public (Aggregate? Next, ImmutableArray<Effect> Effects) Apply(
        Aggregate? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var outcome = MessageMachine.Apply((PageMessage?)current, id, happened, facts);
        return (outcome.Next, outcome.Effects);
    }

    public DateTimeOffset? NextDue(Aggregate current) => MessageMachine.NextDue((PageMessage)current);

    public AggregateChanges ChangesBetween(Aggregate? before, Aggregate? after) =>
        MessageChanges.Between((PageMessage?)before, (PageMessage?)after);

    public void OnHeld(Aggregate? before, Aggregate? after)
    {
        hidden.Change((PageMessage?)before, (PageMessage?)after);
        var change = (after is null ? 0 : 1) - (before is null ? 0 : 1);
        if (change == 0)
            return;

        Interlocked.Add(ref _held, change);
        var sender = ((PageMessage)(after ?? before)!).Sender.PersonKey;
        if (_ofSender.AddOrUpdate(sender, change, (_, count) => count + change) == 0)
            _ofSender.TryRemove(new(sender, 0));
    }

    private int HeldOf(SipUri? sender) => sender is null ? 0 : _ofSender.GetValueOrDefault(sender.PersonKey);
}
