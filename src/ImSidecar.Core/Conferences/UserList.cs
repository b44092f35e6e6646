using System.Collections.Immutable;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>Users and domains that the operator named for something; an empty list names everybody.</summary>
public sealed record UserList
{
    public static readonly UserList Everybody = new();

    private UserList()
    {
    }

    /// <summary>Person keys.</summary>
    public ImmutableHashSet<string> Users { get; private init; } = [];

    public ImmutableHashSet<string> Domains { get; private init; } = [];

    private bool NamesEverybody => Users.IsEmpty && Domains.IsEmpty;

    /// <summary>Each entry is a SIP or tel URI, or a domain.</summary>
    public static bool TryParse(IEnumerable<string> entries, out UserList list)
    {
        list = Everybody;
        var users = ImmutableHashSet.CreateBuilder<string>();
        var domains = ImmutableHashSet.CreateBuilder<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
        {
            if (SipUri.TryParse(entry, out var uri))
                users.Add(uri.PersonKey);
            else if (Uri.CheckHostName(entry) == UriHostNameType.Dns)
                domains.Add(entry.TrimEnd('.'));
            else
                return false;
        }

        list = new() { Users = users.ToImmutable(), Domains = domains.ToImmutable() };
        return true;
    }

    /// <summary>He is named by one of his addresses, or one of them is in a domain that is.</summary>
    internal bool Includes(Requester who)
    {
        if (NamesEverybody)
            return true;

        foreach (var key in who.Keys)
        {
            if (Users.Contains(key))
                return true;
        }

        foreach (var identity in who.Identities)
        {
            if (Domains.Contains(identity.Host.TrimEnd('.')))
                return true;
        }

        return false;
    }
}
