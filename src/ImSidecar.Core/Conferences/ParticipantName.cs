using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>Something by which an event names a participant.</summary>
internal readonly record struct ParticipantName
{
    private enum Kind
    {
        Person,
        Entity,
        Shown,
        Call,
        Transaction,
        Reinvite,
        Media,
        Inviter,
    }

    private ParticipantName(Kind of, string value) => (What, Value) = (of, value);

    private Kind What { get; }

    private string Value { get; }

    public static ParticipantName Person(SipUri address) => new(Kind.Person, address.PersonKey);

    public static ParticipantName Entity(string entity) => new(Kind.Entity, entity);

    /// <summary>What others call him by: who hides has his alias only.</summary>
    public static ParticipantName Shown(SipUri address) => new(Kind.Shown, address.AddressKey);

    public static ParticipantName Call(string callId) => new(Kind.Call, callId);

    /// <summary>Of his INVITE that waits.</summary>
    public static ParticipantName Transaction(string transaction) => new(Kind.Transaction, transaction);

    /// <summary>Of his re-INVITE that waits.</summary>
    public static ParticipantName Reinvite(string transaction) => new(Kind.Reinvite, transaction);

    public static ParticipantName Media(string sessionId) => new(Kind.Media, sessionId);

    /// <summary>Who started the session.</summary>
    public static readonly ParticipantName Inviter = new(Kind.Inviter, "");

    public static IEnumerable<ParticipantName> Of(Participant participant)
    {
        foreach (var address in participant.OtherAddresses.Prepend(participant.Address))
        {
            yield return Person(address);
            if (!participant.IsAnonymous)
                yield return Shown(address);
        }

        yield return Entity(participant.Entity);
        if (participant.IsAnonymous && SipUri.TryParse(participant.Entity, out var alias))
            yield return Shown(alias);
        yield return Call(participant.Leg.CallId);
        if (participant.Leg.Transaction is { } transaction)
            yield return Transaction(transaction);
        if (participant.Leg.Reinvite?.Transaction is { } reinvite)
            yield return Reinvite(reinvite);
        yield return Media(participant.Leg.Media.SessionId);
        if (participant.IsInviter)
            yield return Inviter;
    }

    /// <summary>Most changes leave all names as they are; equal addresses told apart cost no more.</summary>
    public static bool AreSame(Participant before, Participant after) =>
        before.Address.Equals(after.Address)
        && before.OtherAddresses == after.OtherAddresses
        && before.Entity == after.Entity
        && before.IsAnonymous == after.IsAnonymous
        && before.Leg.CallId == after.Leg.CallId
        && before.Leg.Transaction == after.Leg.Transaction
        && before.Leg.Reinvite?.Transaction == after.Leg.Reinvite?.Transaction
        && before.IsInviter == after.IsInviter
        && before.Leg.Media.SessionId == after.Leg.Media.SessionId;
}
