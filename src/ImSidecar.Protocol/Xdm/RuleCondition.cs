using System.Collections.Immutable;

namespace ImSidecar.Protocol.Xdm;

/// <summary>A condition of a rule: RFC 4745 7, Shared Group XDM, XDM Core; URIs are the text of the document.</summary>
/// <param name="Name">The element, as an explanation names it.</param>
public abstract record RuleCondition
{
    private protected RuleCondition(string name) => Name = name;

    public string Name { get; }
}

/// <summary>The requester is one of these, or in a domain; RFC 4745 7.1.</summary>
public sealed record IdentityCondition(ImmutableArray<string> One, ImmutableArray<IdentityDomain> Many)
    : RuleCondition("identity");

/// <summary>The requester is a member of the group.</summary>
public sealed record IsListMemberCondition() : RuleCondition("is-list-member");

/// <summary>The requester is in one of the resource lists that the anchors name.</summary>
public sealed record ExternalListCondition(ImmutableArray<string> Anchors) : RuleCondition("external-list");

/// <summary>No other rule matches the requester by who he is.</summary>
public sealed record OtherIdentityCondition() : RuleCondition("other-identity");

/// <summary>The requester is not known.</summary>
public sealed record AnonymousRequestCondition() : RuleCondition("anonymous-request");

/// <summary>RFC 4745 7.2; nobody tells us of spheres, so it never holds.</summary>
public sealed record SphereCondition(string Value) : RuleCondition("sphere");

/// <summary>Now is within one of the intervals, RFC 4745 7.3.</summary>
public sealed record ValidityCondition(ImmutableArray<TimeRange> Ranges) : RuleCondition("validity");

/// <summary>All media of the request are in the list.</summary>
public sealed record MediaListCondition(MediaList Media) : RuleCondition("media-list");

/// <summary>The service of the request is in the list.</summary>
public sealed record ServiceListCondition(ServiceList Services) : RuleCondition("service-list");

/// <summary>A condition that this release does not know; it never holds.</summary>
public sealed record UnknownCondition(string Element) : RuleCondition(Element);

/// <summary>Everybody of a domain, or of any domain when it is null, but for the exceptions; RFC 4745 7.1.2.</summary>
public sealed record IdentityDomain(
    string? Domain, ImmutableArray<string> ExceptIds, ImmutableArray<string> ExceptDomains);

/// <summary>From the first instant until just before the second; null is open.</summary>
public readonly record struct TimeRange(DateTimeOffset? From, DateTimeOffset? Until)
{
    public bool Contains(DateTimeOffset instant) =>
        (From is not { } from || from <= instant) && (Until is not { } until || instant < until);
}
