namespace ImSidecar.Core.Conferences;

/// <summary>
/// Names what has a mailbox, kind and all; it is the user part of our Contact, so any in-dialog request finds it. A
/// bare one is a conference's, the other kinds stand in front of theirs.
/// </summary>
public readonly record struct AggregateId(string Value)
{
    private const string Subscription = "xd-";
    private const string Watch = "xw-";
    private const string Served = "su-";
    private const string Message = "pm-";
    private const string Deferred = "ds-";

    public AggregateKind Kind =>
        Value.StartsWith(Subscription, StringComparison.Ordinal) ? AggregateKind.DocumentSubscription
        : Value.StartsWith(Watch, StringComparison.Ordinal) ? AggregateKind.DocumentWatch
        : Value.StartsWith(Served, StringComparison.Ordinal) ? AggregateKind.ServedUser
        : Value.StartsWith(Message, StringComparison.Ordinal) ? AggregateKind.PageMessage
        : Value.StartsWith(Deferred, StringComparison.Ordinal) ? AggregateKind.DeferredSession
        : AggregateKind.Conference;

    public static AggregateId Of(AggregateKind kind, string name) => new(kind switch
    {
        AggregateKind.DocumentSubscription => Subscription + name,
        AggregateKind.DocumentWatch => Watch + name,
        AggregateKind.ServedUser => Served + name,
        AggregateKind.PageMessage => Message + name,
        AggregateKind.DeferredSession => Deferred + name,
        _ => name,
    });

    public override string ToString() => Value;
}

/// <summary>What has a mailbox, one writer and one set of rules.</summary>
public enum AggregateKind
{
    Conference,

    /// <summary>A client watches XCAP documents of ours, RFC 5875.</summary>
    DocumentSubscription,

    /// <summary>We watch XCAP documents of a remote XDMS, RFC 5875.</summary>
    DocumentWatch,

    /// <summary>A user whose requests pass by here, and who is called through here.</summary>
    ServedUser,

    /// <summary>A page-mode message on its way to several, RFC 5365.</summary>
    PageMessage,

    /// <summary>A session of ours with somebody who leaves messages for a user, or with the user who gets them.</summary>
    DeferredSession,
}
