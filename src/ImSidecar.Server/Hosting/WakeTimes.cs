using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>When an aggregate is woken up for its deadlines: not while it rests, nor before the link has told what it missed.</summary>
internal sealed class WakeTimes(IAggregateKind kind, MailboxServices services)
{
    private DateTimeOffset _restsUntil;
    private DateTimeOffset _isPatientUntil;

    /// <summary>A rule or a save that fails by itself is not to fail again at once.</summary>
    public void Rest() => _restsUntil = services.Time.GetUtcNow() + services.RetryDelay;

    /// <summary>Nobody is late before the link has told what happened while the node was away, if it does so in time.</summary>
    public void BePatient() => _isPatientUntil = services.Time.GetUtcNow() + services.Policy.TransactionDeadline;

    public void EndPatience() => _isPatientUntil = default;

    public bool IsLate(Aggregate current, DateTimeOffset now) => _isPatientUntil <= now && kind.NextDue(current) <= now;

    /// <summary>When it wants to be woken up for its deadlines; null: never.</summary>
    public DateTimeOffset? NextFor(Aggregate current) =>
        kind.NextDue(current) is { } due ? Latest(due, _restsUntil, _isPatientUntil) : null;

    private static DateTimeOffset Latest(params ReadOnlySpan<DateTimeOffset> times)
    {
        var latest = times[0];
        foreach (var time in times)
            latest = time > latest ? time : latest;
        return latest;
    }
}
