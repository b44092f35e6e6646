using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;

namespace ImSidecar.Core.Participating;

/// <summary>App. D.2, step 1: a user can be reached now, and what is kept for him may go.</summary>
internal static class Arrival
{
    /// <summary>
    /// Once for each time that he comes, or another device of his: a REGISTER that is repeated, or that only prolongs,
    /// is no news.
    /// </summary>
    public static Outcome<ServedUser> Notice(Outcome<ServedUser> outcome, ServedUser? before, Facts facts)
    {
        if (!facts.Operator.Deferred.IsOn
            || outcome.Next is not { } user
            || ReferenceEquals(user, before)
            || !IsReachable(user, facts))
            return outcome;

        var wasReachable = before is not null && IsReachable(before, facts);
        var isAdded = user.Contacts.Any(each =>
            IsHere(each, facts) && before?.Contacts.Any(other => IsHere(other, facts) && IsSame(other, each)) != true);
        return wasReachable && !isAdded && !WantsMore(user, before!, facts)
            ? outcome
            : outcome with { Effects = outcome.Effects.Add(Push(user)) };
    }

    /// <summary>Something was kept while he came: nobody else looks for it.</summary>
    public static Outcome<ServedUser> OnMessagesWait(ServedUser user, Facts facts)
    {
        if (!facts.Operator.Deferred.IsOn)
            return Outcome.Of(user);

        var awaited = WatchRegistrations.Await(user, facts);
        return IsReachable(user, facts) ? Outcome.Of(awaited, Push(user)) : Outcome.Of(awaited);
    }

    public static Outcome<ServedUser> OnSettled(ServedUser? user, DeferralSettled settled, Facts facts)
    {
        var answer = KeepForUser.OnSettled(settled);
        return settled.Outcome == Deferral.Kept && user is not null
            ? Outcome.Of(user, answer).Then(next => OnMessagesWait(next, facts))
            : Outcome.Of(user, answer);
    }

    /// <summary>He takes what is kept for him.</summary>
    public static bool IsReachable(ServedUser user, Facts facts) =>
        user.Settings is { IsActive: true, IsVisible: true } && user.IsRegistered(facts.Now);

    // He wants them now, and did not before.
    private static bool WantsMore(ServedUser user, ServedUser before, Facts facts)
    {
        var usual = facts.Operator.Deferred.Delivery;
        return (user.Settings.Delivery ?? usual) == DeferredDelivery.Push
            && (before.Settings.Delivery ?? usual) != DeferredDelivery.Push;
    }

    private static bool IsHere(RegisteredContact contact, Facts facts) =>
        contact.TakesMessages && contact.ExpiresAt > facts.Now;

    private static bool IsSame(RegisteredContact one, RegisteredContact other) =>
        one.Contact == other.Contact && one.Source == other.Source;

    private static Tell Push(ServedUser user) =>
        new(PushDeferredMessages.IdFor(user.Id), new PushWanted(user.Address));
}
