using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Hosting;

/// <summary>Has what an aggregate owes performed in its order; INVITEs of many take their time.</summary>
internal sealed class PacedEffects(
    Mailbox mailbox, SavedState saved, PendingEffects pending, EffectPerformance performance, MailboxServices services)
{
    private static readonly SipResponse _notSent =
        new(SipStatus.RequestTerminated, SipHeaders.Empty, default, IsLocal: true);

    private readonly InvitationPace _pace = InvitationPace.Of(services.Policy);
    private NotifyRequests? _notifies;

    /// <summary>When the next INVITE may go that waits for its turn; null: none does.</summary>
    public DateTimeOffset? NextAt => _pace.NextAt;

    /// <summary>
    /// All that is pending, too. Whom nobody has rung up yet does not wait behind those for whom the link needs no second
    /// INVITE.
    /// </summary>
    public Task PerformAgainAsync(List<Owed> owed)
    {
        var unsent = _pace.Forget();
        var added = owed.Select(each => each.Number).ToHashSet();
        var before = pending.All.Where(each => !added.Contains(each.Number)).Select(each => new Owed(each)).ToList();
        return PerformAsync(
            [
                .. before.Where(each => unsent.Contains(each.Number)),
                .. before.Where(each => !unsent.Contains(each.Number)),
                .. owed,
            ],
            each => !unsent.Contains(each.Number) && !added.Contains(each.Number));
    }

    public async Task PerformAsync(List<Owed> owed, Predicate<Owed>? mayHaveGone = null)
    {
        _notifies = services.Effects.NotifyRequestsOf(saved.Value as Conference, _notifies);
        var now = services.Time.GetUtcNow();
        foreach (var each in owed)
        {
            if (each.Saved is { } stored && _pace.Holds(stored, now, mayHaveGone?.Invoke(each) == true))
                continue;

            if (each.Effect is SendCancel cancel && _pace.TryWithdraw(cancel.Invite, out var held))
            {
                // Whose INVITE has not gone yet is not rung up to be told that it was nothing.
                if (!held.MayHaveGone)
                {
                    mailbox.TryPost(new Happened(new ResponseArrived(cancel.Invite, _notSent), null));
                    continue;
                }

                // Perhaps he rings: only behind its INVITE a CANCEL is sure to find it.
                await performance.OfAsync(new Owed(held.Invite), _notifies);
            }

            if (await performance.OfAsync(each, _notifies) && each.Saved is not null)
                pending.Performed(each.Number);
        }

        foreach (var effect in _pace.Due(now))
        {
            if (pending.Has(effect.Number) && await performance.OfAsync(new Owed(effect), _notifies))
                pending.Performed(effect.Number);
        }
    }
}
