using System.Collections.Immutable;
using ImSidecar.Protocol.Registration;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Sip.Requests;

/// <summary>
/// A request that Kamailio handed to us: typed, syntactically sound, its transaction waiting; a closed set.
/// </summary>
public abstract record ImRequest
{
    private protected ImRequest(RequestHead head) => Head = head;

    public RequestHead Head { get; init; }

    public string Transaction => Head.Transaction;

    public string Method => Head.Method;

    public SipUri Uri => Head.Uri;

    public NameAddress From => Head.From;

    public NameAddress To => Head.To;

    public string CallId => Head.CallId;

    public long CSeq => Head.CSeq;

    public string LocalTag => Head.LocalTag;

    public NameAddress? Contact => Head.Contact;

    public ImmutableArray<string> RouteSet => Head.RouteSet;

    public SipHeaders Headers => Head.Headers;

    /// <summary>True outside a dialog: the To header had no tag.</summary>
    public bool IsInitial => To.Tag is null;

    public DialogId Dialog => new(CallId, LocalTag, From.Tag ?? "");

    /// <summary>IM 5.1: the address that policies are applied to.</summary>
    public SipUri? Originator => OriginatorAddress?.Uri;

    /// <summary>Of two asserted identities the sip one, RFC 3325 9.1.</summary>
    public NameAddress? OriginatorAddress
    {
        get
        {
            foreach (var identity in Head.Identities)
            {
                if (identity.Uri.Scheme != "tel")
                    return identity;
            }

            return Head.Identities.IsEmpty ? null : Head.Identities[0];
        }
    }
}

/// <summary>An initial INVITE, RFC 3261 13.</summary>
public sealed record InviteRequest(RequestHead Head) : ImRequest(Head)
{
    /// <summary>The session description, or null for an INVITE without an offer.</summary>
    public ReadOnlyMemory<byte>? Offer { get; init; }

    /// <summary>The recipient list of RFC 5366, or null when there is none.</summary>
    public ReadOnlyMemory<byte>? RecipientList { get; init; }
}

/// <summary>A re-INVITE or UPDATE inside a dialog, RFC 3261 14 and RFC 3311.</summary>
public sealed record ReinviteRequest(RequestHead Head) : ImRequest(Head)
{
    public ReadOnlyMemory<byte>? Offer { get; init; }
}

/// <summary>A BYE, RFC 3261 15.</summary>
public sealed record ByeRequest(RequestHead Head) : ImRequest(Head);

/// <summary>A SUBSCRIBE, RFC 6665.</summary>
public sealed record SubscribeRequest(RequestHead Head) : ImRequest(Head)
{
    /// <summary>The event package, without parameters, in lower case.</summary>
    public required string Event { get; init; }

    /// <summary>The id parameter of Event, or null.</summary>
    public string? EventId { get; init; }

    /// <summary>Asked-for duration in seconds; null when the request named none.</summary>
    public int? Expires { get; init; }

    /// <summary>The most and the least notifications that the subscriber asks for, RFC 6446; null: he does not.</summary>
    public NotifyRate? MaxRate { get; init; }

    public NotifyRate? MinRate { get; init; }

    /// <summary>The documents it is about, RFC 5875 4.2; empty when it names none.</summary>
    public ImmutableArray<DocumentTarget> Targets { get; init; } = [];

    /// <summary>The diff-processing parameter of Event, RFC 5875 4.3, or null.</summary>
    public string? DiffProcessing { get; init; }
}

/// <summary>A NOTIFY to a subscription of ours, RFC 6665 8.2.</summary>
public sealed record NotifyRequest(RequestHead Head) : ImRequest(Head)
{
    /// <summary>The event package, without parameters, in lower case.</summary>
    public required string Event { get; init; }

    public string? EventId { get; init; }

    /// <summary>active, pending or terminated, in lower case.</summary>
    public required string State { get; init; }

    /// <summary>Why a subscription is terminated, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>What is left of the subscription, in seconds, or null.</summary>
    public int? Expires { get; init; }

    /// <summary>When to subscribe again, in seconds, or null.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>What became of documents; null without a body.</summary>
    public XcapDiff? Diff { get; init; }

    /// <summary>Where a user is registered, RFC 3680; null without a body.</summary>
    public RegistrationInfo? Registration { get; init; }
}

/// <summary>A REFER, RFC 3515; one that names its targets in a list, RFC 5368.</summary>
public sealed record ReferRequest(RequestHead Head) : ImRequest(Head)
{
    /// <summary>Whom it is about, each user once.</summary>
    public required ImmutableArray<ReferTarget> Targets { get; init; }

    /// <summary>The targets came as a list.</summary>
    public bool IsList { get; init; }

    /// <summary>Whether the outcome is to be told, RFC 4488; null when the request does not say.</summary>
    public bool? ReferSub { get; init; }
}

/// <summary>Somebody to be invited, or to be sent a BYE: the address without method and headers.</summary>
public sealed record ReferTarget(SipUri Address, string? DisplayName, string Method)
{
    /// <summary>The dialog of his that the invitation is to take the place of, RFC 3891; null: none.</summary>
    public Replaces? Replaces { get; init; }

    /// <summary>Numbers of kept messages of his, as the message parameter of the URI names them; null: none.</summary>
    public string? Messages { get; init; }

    /// <summary>Of the URI as it was written: without its parameters a number in a SIP URI is a name.</summary>
    public string PersonKey { get; init; } = Address.PersonKey;
}

/// <summary>A MESSAGE, RFC 3428, as it came: with a recipient list it is a multipart, RFC 5365.</summary>
public sealed record MessageRequest(RequestHead Head) : ImRequest(Head)
{
    public ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>An OPTIONS, RFC 3261 11.</summary>
public sealed record OptionsRequest(RequestHead Head) : ImRequest(Head);

/// <summary>A request to somebody else that comes by, of any method.</summary>
public sealed record PassingRequest(RequestHead Head) : ImRequest(Head)
{
    /// <summary>Nobody looks into it but for a message that is kept.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Whose half is to decide now: the sender's or the receiver's.</summary>
    public required SessionCase Half { get; init; }

    /// <summary>The receiver is served by this node too: his half is next.</summary>
    public bool GoesToServed { get; init; }

    /// <summary>The same request as a conference of this node takes it: that is whom it is addressed to.</summary>
    public ImRequest? ToConference { get; init; }
}

/// <summary>An INVITE to a user who is away: we answer for him, and keep what is said; App. D.2, IM 11.</summary>
public sealed record DepositRequest(RequestHead Head) : ImRequest(Head)
{
    /// <summary>Who is called, as his documents are selected.</summary>
    public required SipUri Recipient { get; init; }

    /// <summary>Who calls, and behind a focus for whom it does: the person first.</summary>
    public ImmutableArray<SipUri> Callers { get; init; } = [];

    /// <summary>Nobody is told who calls.</summary>
    public bool IsAnonymous { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>A third-party REGISTER of an S-CSCF, 3GPP TS 24.229 5.4.1.7: who is in To has registered.</summary>
public sealed record RegisterRequest(RequestHead Head) : ImRequest(Head)
{
    /// <summary>For how long, in seconds; 0: no longer.</summary>
    public required int Expires { get; init; }

    /// <summary>What the user has sent himself, as far as it was told; default: it was not.</summary>
    public ImmutableArray<ContactBinding> Contacts { get; init; }
}

/// <summary>Any other method: answered 405.</summary>
public sealed record UnsupportedRequest(RequestHead Head) : ImRequest(Head);
