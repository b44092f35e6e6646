using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Registration;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>
/// RFC 3680: the registrar is asked where a user is from when somebody wants to know, and as long as he is somewhere or
/// something is kept for him.
/// </summary>
internal static class WatchRegistrations
{
    public const string Package = "reg";

    // Whoever calls names whom he likes: the places are for users who are there.
    private const int ShareOfAbsent = 10;

    /// <summary>Somebody wants to know where he is.</summary>
    public static ServedUser? Want(ServedUser? current, AggregateId id, SipUri user, Facts facts)
    {
        var policy = facts.Operator.Participating;
        if (!policy.Sources.Contains(RegistrationSource.RegEvent)
            || current?.Watch is not null
            || (current is null && (facts.Served?.OfNode >= policy.MaxServedUsers
                || facts.Served?.AbsentOfNode >= Math.Max(1, policy.MaxServedUsers / ShareOfAbsent))))
            return current;

        return (current ?? new() { Id = id, Address = user.Bare }) with { Watch = new() { RetryAt = facts.Now } };
    }

    /// <summary>IM D.2/A1: something is kept for him, so that we want to hear when he comes.</summary>
    public static ServedUser Await(ServedUser user, Facts facts)
    {
        var keepFor = facts.Operator.Deferred.KeepFor;
        if (user.Watch is null || user.KeptUntil >= facts.Now + keepFor)
            return user;

        // A little longer: not every message is to be written down here too.
        return user with { KeptUntil = facts.Now + keepFor + (keepFor / 16) };
    }

    /// <summary>False while the registrar is to tell and has not told all.</summary>
    public static bool HasToldAll(ServedUser? user, Facts facts) =>
        !facts.Operator.Participating.Sources.Contains(RegistrationSource.RegEvent)
        || user?.Watch is { Version: not null };

    /// <summary>What has to be asked now, one SUBSCRIBE at a time.</summary>
    public static Outcome<ServedUser> Pursue(ServedUser user, Facts facts)
    {
        if (user.Watch is not { } watch)
            return Outcome.Of(user);

        // The operator has it otherwise since: a NOTIFY finds nobody.
        if (!facts.Operator.Participating.Sources.Contains(RegistrationSource.RegEvent))
            return Outcome.Of(Registrations.Settle(user with { Watch = null }));

        if (watch.Dialog is not { } dialog)
        {
            if (watch.RetryAt > facts.Now)
                return Outcome.Of(user);

            // Until somebody wants to know again.
            return watch.Failures > 0 && !IsLookedFor(user, facts)
                ? Outcome.Of(Registrations.Settle(user with { Watch = null }))
                : Begin(user, facts);
        }

        if (dialog.AnswerBy is not null)
            return Outcome.Of(user);

        var isWanted = IsLookedFor(user, facts) || watch.Version is null;
        if (dialog.ExpiresAt <= facts.Now)
            return isWanted ? Begin(user, facts) : Outcome.Of(Registrations.Settle(user with { Watch = null }));

        return dialog.RefreshAt <= facts.Now && isWanted ? Send(user, dialog, facts) : Outcome.Of(user);
    }

    public static DateTimeOffset? NextDue(ServedUser user) => user.Watch switch
    {
        null => null,
        { Dialog: null } watch => watch.RetryAt,
        { Dialog: { AnswerBy: { } answerBy } } => answerBy,
        { Version: null } watch => watch.Dialog.RefreshAt,
        // Who is gone, as all are whose time is over once it has elapsed, is not asked for again.
        { } watch => user.KeptUntil is not null || user.Contacts.Any(contact => !contact.IsGone)
            ? watch.Dialog.RefreshAt
            : watch.Dialog.ExpiresAt,
    };

    public static ServedUser OnResponse(ServedUser user, ResponseArrived arrived, Facts facts) =>
        SubscriberDialog.IsAwaited(user.Watch?.Dialog, arrived)
            ? With(user, SubscriberDialog.OnResponse(user.Watch!.Subscriber, arrived.Response, facts))
            : user;

    public static ServedUser OnTimeElapsed(ServedUser user, Facts facts)
    {
        var next = user.KeptUntil <= facts.Now ? user with { KeptUntil = null } : user;
        return next.Watch?.Dialog?.AnswerBy <= facts.Now
            ? With(next, SubscriberDialog.OnTimeout(next.Watch.Subscriber, facts))
            : next;
    }

    public static ServedUser OnLinkRestarted(ServedUser user, Facts facts) =>
        user.Watch?.Dialog is { AnswerBy: not null }
            ? With(user, SubscriberDialog.OnLinkRestarted(user.Watch.Subscriber, facts))
            : user;

    /// <summary>What was told while we were away is lost: all is to be told again.</summary>
    public static ServedUser OnNodeStarted(ServedUser user, Facts facts) =>
        OnLinkRestarted(user, facts) is { Watch: { Dialog: { IsActive: true } dialog } watch } resumed
            ? resumed with { Watch = watch with { Version = null, Dialog = dialog with { RefreshAt = facts.Now } } }
            : OnLinkRestarted(user, facts);

    public static Outcome<ServedUser> OnNotify(ServedUser? user, NotifyRequest request, Facts facts)
    {
        if (SubscriberDialog.Heard(user?.Watch?.Dialog, request, Package, out var refusal) is not { } heard)
            return Outcome.Of(user, refusal);

        var watch = user!.Watch! with { Dialog = heard };
        var told = Take(user with { Watch = watch }, watch, request, facts);
        return Outcome.Of(
            With(told, SubscriberDialog.Told(told.Watch!.Subscriber, request, facts)),
            new Respond(request.Transaction, SipStatus.Ok));
    }

    private static ServedUser Take(ServedUser user, RegistrationWatch watch, NotifyRequest request, Facts facts)
    {
        // RFC 3680 5: what is older. A registrar that does not count, as Kamailio, tells in order all the same.
        if (request.Registration is not { } info
            || (info.Version <= watch.Version && info is not { IsFull: true, Version: 0 }))
            return user;

        // RFC 3680 5: one was lost, a refresh brings all. A registrar that told a part upon that is not asked at once.
        if (!info.IsFull && info.Version != watch.Version + 1)
        {
            return watch.Version is null ? user : user with
            {
                Watch = watch with { Version = null, Dialog = watch.Dialog! with { RefreshAt = facts.Now } },
            };
        }

        var change = new RegistrationChange(
            RegistrationSource.RegEvent, Changes(user, info, facts), request.CallId, request.CSeq);
        var next = Registrations.Change(user, change, facts);
        return next with { Watch = watch with { Version = info.Version } };
    }

    private static ImmutableArray<ContactBinding> Changes(ServedUser user, RegistrationInfo info, Facts facts)
    {
        var told = info.Addresses.Where(each =>
            SipUri.TryParse(each.AddressOfRecord, out var address)
            && ServedAddress.KeyOf(address) == ServedAddress.KeyOf(user.Address)).ToList();

        // Who does not say for how long says it again with the next refresh.
        var longest = (int)Math.Min(facts.Operator.SubscriptionDuration.TotalSeconds * 2, int.MaxValue);
        var now = told.SelectMany(each => each.Contacts.Select(contact => new ContactBinding(
            contact.Uri, contact.FeatureTags, each.IsActive && contact.IsActive ? contact.Expires ?? longest : 0)))
            .ToImmutableArray();
        if (!info.IsFull && told.TrueForAll(each => each.IsActive))
            return now;

        // What is not named is not there any more.
        var named = now.Where(each => each.Expires > 0).Select(each => each.Contact).ToHashSet();
        return
        [
            .. now.Where(each => each.Expires > 0),
            .. user.Contacts
                .Where(each => each is { Source: RegistrationSource.RegEvent, IsGone: false })
                .Where(each => !named.Contains(each.Contact))
                .Select(each => new ContactBinding(each.Contact, each.FeatureTags, 0)),
        ];
    }

    private static bool IsLookedFor(ServedUser user, Facts facts) =>
        user.KeptUntil > facts.Now
        || user.Contacts.Any(contact => !contact.IsGone && contact.ExpiresAt > facts.Now);

    private static ServedUser With(ServedUser user, SubscriberState? next) =>
        user with { Watch = next is null ? null : user.Watch!.With(next) };

    private static Outcome<ServedUser> Begin(ServedUser user, Facts facts)
    {
        var dialog = new WatchDialog
        {
            CallId = facts.Derive("reg-call"),
            LocalTag = facts.Derive("reg-tag"),
            RemoteTarget = user.Address,
        };
        return Send(user with { Watch = user.Watch! with { Version = null } }, dialog, facts);
    }

    private static Outcome<ServedUser> Send(ServedUser user, WatchDialog before, Facts facts)
    {
        var dialog = before.Sent(facts);
        var watch = user.Watch! with { Dialog = dialog, RetryAt = null };
        return Outcome.Of(user with { Watch = watch }, new SendRequest(
            new(user.Id, "r", "SUBSCRIBE", dialog.LocalCSeq, dialog.LocalTag), Request(user, watch, dialog, facts)));
    }

    private static OutgoingRequest Request(ServedUser user, RegistrationWatch watch, WatchDialog dialog, Facts facts)
    {
        var duration = watch.MinDuration is { } least && least > facts.Operator.SubscriptionDuration
            ? least
            : facts.Operator.SubscriptionDuration;
        return SubscriberDialog.Request(
            user.Id, dialog, facts.Operator.ConferenceFactory, user.Address, Package, RegistrationInfoXml.MediaType,
            duration, facts);
    }
}
