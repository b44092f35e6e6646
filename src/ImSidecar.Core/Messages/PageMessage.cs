using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Messages;

/// <summary>A page-mode message to a list, RFC 5365, or to a group; kept until each recipient has answered.</summary>
public sealed record PageMessage : Aggregate
{
    /// <summary>What the sender addressed: the list server or a group.</summary>
    public required SipUri Address { get; init; }

    /// <summary>A group: all hear to whom it was said.</summary>
    public bool IsToGroup { get; init; }

    /// <summary>From of what goes out, without tag.</summary>
    public required string From { get; init; }

    /// <summary>As whom it goes out, RFC 3325: the sender, but for one who hides.</summary>
    public required SipUri Identity { get; init; }

    public bool IsAnonymous { get; init; }

    /// <summary>Who hears what became of it.</summary>
    public required SipUri Sender { get; init; }

    /// <summary>What he wants to hear of it; null: nothing.</summary>
    public AskedNotices? Asked { get; init; }

    /// <summary>When he is told what is known by then; null: nothing is.</summary>
    public DateTimeOffset? ReportAt { get; init; }

    /// <summary>How often he was told something.</summary>
    public int Reports { get; init; }

    /// <summary>What he was told and has not answered.</summary>
    public ImmutableArray<UnderwayReport> Underway { get; init; } = [];

    /// <summary>One Call-ID for each recipient is made of it.</summary>
    public required string CallId { get; init; }

    public required string FromTag { get; init; }

    /// <summary>When it is of no use any more, RFC 3428 7; null: it always is.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Written once; empty when nobody is to get it any more.</summary>
    public PageContent Content { get; init; } = PageContent.Empty;

    public ImmutableDictionary<string, Recipient> Recipients { get; init; } =
        ImmutableDictionary<string, Recipient>.Empty;

    /// <summary>How many have not answered for good.</summary>
    public int Unsettled { get; init; }

    /// <summary>
    /// When neither a copy of the sender's request nor a notification is expected any more; null: somebody is
    /// unsettled.
    /// </summary>
    public DateTimeOffset? ForgetAt { get; init; }

    public PageMessage With(Recipient recipient) => this with
    {
        Recipients = Recipients.SetItem(recipient.Id, recipient),
        Unsettled = Unsettled
            + (recipient.IsSettled ? 0 : 1)
            - (Recipients.TryGetValue(recipient.Id, out var before) && !before.IsSettled ? 1 : 0),
    };
}

/// <summary>What all recipients get: the header fields that speak of it, and the body.</summary>
public sealed record PageContent(ImmutableArray<SipHeader> Fields, ReadOnlyMemory<byte> Body)
{
    public static readonly PageContent Empty = new([], default);
}

/// <summary>One who is to get the message.</summary>
public sealed record Recipient
{
    /// <summary>"r" and a number within the message.</summary>
    public required string Id { get; init; }

    public required SipUri Address { get; init; }

    public string? DisplayName { get; init; }

    /// <summary>How often it was sent to him; CSeq of the last time.</summary>
    public int Attempts { get; init; }

    /// <summary>Set while a request waits for its answer: until when.</summary>
    public DateTimeOffset? AnswerBy { get; init; }

    /// <summary>When it is to be sent again; null: it is not.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>It goes to him once more, for nobody knows what came of it: Kamailio has restarted.</summary>
    public bool MayHaveIt { get; init; }

    /// <summary>The last final answer.</summary>
    public int? Code { get; init; }

    /// <summary>What is known of the message with him, one of each kind.</summary>
    public ImmutableArray<Notice> Notices { get; init; } = [];

    public bool IsSettled => AnswerBy is null && RetryAt is null;

    public bool HasIt => Code is >= 200 and < 300;

    internal bool Has(NotificationKind kind) => Notices.Any(each => each.Kind == kind);
}
