using System.Collections.Frozen;
using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Rules;

/// <summary>What kind of condition on the requester a rule has; the strongest one counts.</summary>
internal enum RuleClass
{
    Anybody,
    Anonymous,
    Listed,
    Named,
    Other,
}

/// <summary>A condition ready to be asked: sets instead of lists.</summary>
internal abstract class CompiledCondition(string name, RuleClass kind)
{
    public string Name { get; } = name;

    public RuleClass Class { get; } = kind;

    public abstract bool Holds(Requester who, RuleCircumstances circumstances);

    public static CompiledCondition Of(
        RuleCondition condition, FrozenSet<string> members, Func<string, IEnumerable<string>> expand) =>
        condition switch
        {
            IdentityCondition identity => new IdentityMatch(identity),
            IsListMemberCondition => new SetMatch(condition.Name, members),
            ExternalListCondition external =>
                new SetMatch(condition.Name, external.Anchors.SelectMany(expand).ToFrozenSet()),
            AnonymousRequestCondition => new AnonymousMatch(),
            OtherIdentityCondition => new OtherMatch(),
            ValidityCondition validity => new CircumstanceMatch(
                condition.Name, about => IsWithin(validity.Ranges, about.Now)),
            MediaListCondition media => new CircumstanceMatch(
                condition.Name, about => media.Media.Includes(about.Media)),
            ServiceListCondition services => new CircumstanceMatch(
                condition.Name, about => services.Services.Includes(about.Service, about.Media)),

            // Spheres and what a later release knows.
            _ => new CircumstanceMatch(RuleText.Clean(condition.Name), _ => false),
        };

    private static bool IsWithin(ImmutableArray<TimeRange> ranges, DateTimeOffset now)
    {
        foreach (var range in ranges)
            if (range.Contains(now))
                return true;

        return false;
    }

    /// <summary>One who is in the set, under any of his identities.</summary>
    private sealed class SetMatch(string name, FrozenSet<string> keys) : CompiledCondition(name, RuleClass.Listed)
    {
        public override bool Holds(Requester who, RuleCircumstances circumstances)
        {
            if (who.IsAnonymous)
                return false;

            foreach (var key in who.Keys)
                if (keys.Contains(key))
                    return true;

            return false;
        }
    }

    private sealed class AnonymousMatch() : CompiledCondition("anonymous-request", RuleClass.Anonymous)
    {
        public override bool Holds(Requester who, RuleCircumstances circumstances) => who.IsAnonymous;
    }

    /// <summary>Holds as far as it can tell: whether other rules match, the rule set knows.</summary>
    private sealed class OtherMatch() : CompiledCondition("other-identity", RuleClass.Other)
    {
        public override bool Holds(Requester who, RuleCircumstances circumstances) => !who.IsAnonymous;
    }

    private sealed class CircumstanceMatch(string name, Func<RuleCircumstances, bool> holds)
        : CompiledCondition(name, RuleClass.Anybody)
    {
        public override bool Holds(Requester who, RuleCircumstances circumstances) => holds(circumstances);
    }

    private sealed class IdentityMatch(IdentityCondition condition)
        : CompiledCondition(condition.Name, RuleClass.Named)
    {
        private readonly FrozenSet<string> _one = Keys(condition.One);

        private readonly ImmutableArray<(string? Domain, FrozenSet<string> Except, ImmutableArray<string> Domains)>
            _many = [.. condition.Many.Select(each =>
                (Host(each.Domain), Keys(each.ExceptIds), each.ExceptDomains.Select(Host).OfType<string>()
                    .ToImmutableArray()))];

        public override bool Holds(Requester who, RuleCircumstances circumstances)
        {
            if (who.IsAnonymous)
                return false;

            foreach (var key in who.Keys)
                if (_one.Contains(key))
                    return true;

            foreach (var (domain, except, domains) in _many)
                if (IsIn(domain, who) && !IsExcept(except, domains, who))
                    return true;

            return false;
        }

        private static bool IsIn(string? domain, Requester who)
        {
            if (domain is null)
                return true;

            foreach (var identity in who.Identities)
                if (IsHost(identity, domain))
                    return true;

            return false;
        }

        /// <summary>Excluded under one identity is excluded under all.</summary>
        private static bool IsExcept(FrozenSet<string> except, ImmutableArray<string> domains, Requester who)
        {
            foreach (var key in who.Keys)
                if (except.Contains(key))
                    return true;

            foreach (var domain in domains)
                foreach (var identity in who.Identities)
                    if (IsHost(identity, domain))
                        return true;

            return false;
        }

        private static bool IsHost(SipUri identity, string domain) =>
            domain.Length > 0
            && identity.Host.AsSpan().TrimEnd('.').Equals(domain, StringComparison.OrdinalIgnoreCase);

        private static string? Host(string? domain) => domain?.TrimEnd('.');

        // What is no SIP URI is no identity that the network asserts.
        private static FrozenSet<string> Keys(ImmutableArray<string> uris) =>
            uris.Select(text => SipUri.TryParse(text, out var uri) ? uri.PersonKey : null)
                .OfType<string>().ToFrozenSet();
    }
}
