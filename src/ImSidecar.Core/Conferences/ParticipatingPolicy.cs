using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// How users are served: whose they are, what is believed of their registrations, how callers are refused.
/// </summary>
public sealed record ParticipatingPolicy
{
    public static readonly ParticipatingPolicy Off = new();

    /// <summary>Whose users are served; none: nobody is.</summary>
    public ImmutableHashSet<string> Domains
    {
        get;
        init => field = value.WithComparer(StringComparer.OrdinalIgnoreCase);
    } = [];

    /// <summary>Who tells whether a user is registered; nobody: the core finds out.</summary>
    public ImmutableHashSet<RegistrationSource> Sources { get; init; } = [];

    /// <summary>What a caller gets whom the rules of a user refuse: 403, 480, 486 or 603.</summary>
    public SipStatus RejectStatus { get; init; } = SipStatus.Forbidden;

    /// <summary>A MESSAGE that is refused is answered 202 and dropped.</summary>
    public bool PoliteBlock { get; init; }

    /// <summary>Who hides who he is gets through to nobody whose rules do not say that he does.</summary>
    public bool RejectAnonymous { get; init; }

    /// <summary>Contacts of one user.</summary>
    public int MaxContacts { get; init; } = 10;

    /// <summary>Users with registrations or settings on this node.</summary>
    public int MaxServedUsers { get; init; } = 200_000;

    public bool IsOn => !Domains.IsEmpty;

    /// <summary>One of the domains is his; whose a number is, no URI tells.</summary>
    public bool Serves(SipUri user) => Domains.Contains(user.Host.TrimEnd('.'));
}

/// <summary>Who tells of registrations.</summary>
public enum RegistrationSource
{
    /// <summary>The local registrar: the script function im_registered.</summary>
    Registrar,

    /// <summary>An S-CSCF by REGISTER, 3GPP TS 24.229 5.4.1.7.</summary>
    ThirdParty,

    /// <summary>The registrar, asked by SUBSCRIBE for reg, RFC 3680.</summary>
    RegEvent,
}
