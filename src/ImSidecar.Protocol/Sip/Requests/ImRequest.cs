using System.Collections.Immutable;

namespace ImSidecar.Protocol.Sip.Requests;

/// <summary>A request that Kamailio handed to us: typed, syntactically sound, its transaction waiting for our reply.</summary>
public abstract record ImRequest
{
    private protected ImRequest()
    {
    }

    /// <summary>The transaction that waits, as the link names it.</summary>
    public required string Transaction { get; init; }

    public required string Method { get; init; }

    public required SipUri Uri { get; init; }

    public required NameAddress From { get; init; }

    public required NameAddress To { get; init; }

    public required string CallId { get; init; }

    public required long CSeq { get; init; }

    /// <summary>Our tag: the To tag of an in-dialog request, else the one tm will use.</summary>
    public required string LocalTag { get; init; }

    /// <summary>True outside a dialog: the To header had no tag.</summary>
    public required bool IsInitial { get; init; }

    /// <summary>Identities the trusted side asserted or the edge authenticated; empty when there is none.</summary>
    public required ImmutableArray<NameAddress> Identities { get; init; }

    public NameAddress? Contact { get; init; }

    /// <summary>Record-Route values in order: the route set of a dialog in which we are the called side, RFC 3261 12.1.1.</summary>
    public required ImmutableArray<string> RouteSet { get; init; }

    public required SipHeaders Headers { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    public DialogId Dialog => new(CallId, LocalTag, From.Tag ?? "");

    /// <summary>IM 5.1: the address policies are applied to; the sip identity before the tel one.</summary>
    public SipUri? Originator => OriginatorAddress?.Uri;

    public NameAddress? OriginatorAddress
    {
        get
        {
            foreach (var identity in Identities)
            {
                if (identity.Uri.Scheme != "tel")
                    return identity;
            }

            return Identities.IsEmpty ? null : Identities[0];
        }
    }
}

/// <summary>An initial INVITE, RFC 3261 13.</summary>
public sealed record InviteRequest : ImRequest
{
    /// <summary>The session description, or null for an INVITE without an offer.</summary>
    public ReadOnlyMemory<byte>? Offer { get; init; }

    /// <summary>The recipient list of RFC 5366, or null when there is none.</summary>
    public ReadOnlyMemory<byte>? RecipientList { get; init; }
}

/// <summary>A re-INVITE or UPDATE inside a dialog, RFC 3261 14 and RFC 3311.</summary>
public sealed record ReinviteRequest : ImRequest
{
    public ReadOnlyMemory<byte>? Offer { get; init; }
}

/// <summary>A BYE, RFC 3261 15.</summary>
public sealed record ByeRequest : ImRequest;

/// <summary>A SUBSCRIBE, RFC 6665.</summary>
public sealed record SubscribeRequest : ImRequest
{
    /// <summary>The event package, without parameters, in lower case.</summary>
    public required string Event { get; init; }

    /// <summary>The id parameter of Event, or null.</summary>
    public string? EventId { get; init; }

    /// <summary>Asked-for duration in seconds; null when the request named none.</summary>
    public int? Expires { get; init; }
}

/// <summary>An OPTIONS, RFC 3261 11.</summary>
public sealed record OptionsRequest : ImRequest;

/// <summary>Any other method: answered 405.</summary>
public sealed record UnsupportedRequest : ImRequest;
