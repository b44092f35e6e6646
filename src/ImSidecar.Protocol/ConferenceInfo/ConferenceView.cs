using System.Collections.Immutable;

namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>What a subscriber knows of a conference after merging the documents it got, RFC 4575 4.6 and 5.</summary>
public sealed class ConferenceView
{
    private readonly Dictionary<string, ConferenceUser> _users = new(StringComparer.Ordinal);

    public string? Entity { get; private set; }

    /// <summary>Version of the last document merged; null before the first full one.</summary>
    public uint? Version { get; private set; }

    public bool HasEnded { get; private set; }

    public ConferenceDescription? Description { get; private set; }

    public ConferenceState? State { get; private set; }

    /// <summary>Every user told of and not deleted, the disconnected ones included.</summary>
    public IReadOnlyDictionary<string, ConferenceUser> Users => _users;

    /// <summary>The users that are in or on their way in: with an endpoint not disconnected, by entity.</summary>
    public IEnumerable<ConferenceUser> Roster => _users.Values
        .Where(IsPresent)
        .Select(user => user with { Endpoints = [.. Present(user.Endpoints)] })
        .OrderBy(user => user.Entity, StringComparer.Ordinal);

    public ViewOutcome Apply(ConferenceInfo document)
    {
        if (HasEnded || document.State == ElementState.Deleted)
        {
            HasEnded = true;
            _users.Clear();
            return ViewOutcome.Ended;
        }

        if (document.State == ElementState.Full)
        {
            _users.Clear();
            Description = null;
            State = null;
        }
        else if (Version is not { } known || document.Version > (ulong)known + 1)
            return ViewOutcome.Gap;
        else if (document.Version <= known)
            return ViewOutcome.Outdated;

        Entity = document.Entity;
        Version = document.Version;
        Description = document.Description ?? Description;
        State = document.ConferenceState ?? State;
        if (document.Users is { } users)
            Merge(users);

        return ViewOutcome.Applied;
    }

    /// <summary>True when both show the same people with the same names, endpoints and status.</summary>
    public bool HasSameRoster(ConferenceView other) =>
        Roster.Select(Describe).SequenceEqual(other.Roster.Select(Describe), StringComparer.Ordinal);

    /// <summary>The roster as one line for each endpoint, for comparing and for showing.</summary>
    public override string ToString() => string.Join('\n', Roster.Select(Describe));

    private void Merge(ConferenceUsers users)
    {
        if (users.State != ElementState.Partial)
            _users.Clear();

        if (users.State == ElementState.Deleted)
            return;

        foreach (var user in users.List)
            Merge(user);
    }

    private void Merge(ConferenceUser user)
    {
        if (user.State == ElementState.Deleted)
            _users.Remove(user.Entity);
        else if (user.State == ElementState.Partial && _users.TryGetValue(user.Entity, out var known))
            _users[user.Entity] = known with
            {
                DisplayText = user.DisplayText ?? known.DisplayText,
                Endpoints = Merge(known.Endpoints, user.Endpoints),
            };
        else if (_users.Count < ConferenceInfoXml.MaxUsers || _users.ContainsKey(user.Entity))
            _users[user.Entity] = user with { State = ElementState.Full, Endpoints = Merge([], user.Endpoints) };
    }

    private static ImmutableArray<ConferenceEndpoint> Merge(
        ImmutableArray<ConferenceEndpoint> known, ImmutableArray<ConferenceEndpoint> changes)
    {
        var merged = known.ToDictionary(Key, StringComparer.Ordinal);
        foreach (var change in changes)
        {
            if (change.State == ElementState.Deleted)
                merged.Remove(change.Entity);
            else if (change.State == ElementState.Partial && merged.TryGetValue(change.Entity, out var old))
                merged[change.Entity] = Merge(old, change);
            else if (merged.Count < ConferenceInfoXml.MaxEndpoints || merged.ContainsKey(change.Entity))
                merged[change.Entity] = change with { State = ElementState.Full };
        }

        return [.. merged.Values];
    }

    private static ConferenceEndpoint Merge(ConferenceEndpoint old, ConferenceEndpoint change) => old with
    {
        DisplayText = change.DisplayText ?? old.DisplayText,
        Status = change.Status ?? old.Status,
        JoiningMethod = change.JoiningMethod ?? old.JoiningMethod,
        DisconnectionMethod = change.DisconnectionMethod ?? old.DisconnectionMethod,
    };

    // A user without endpoints is there: the document just does not say how.
    private static bool IsPresent(ConferenceUser user) => user.Endpoints.IsEmpty || user.Endpoints.Any(IsPresent);

    private static bool IsPresent(ConferenceEndpoint endpoint) => endpoint.Status != EndpointStatus.Disconnected;

    private static IEnumerable<ConferenceEndpoint> Present(ImmutableArray<ConferenceEndpoint> endpoints) =>
        endpoints.Where(IsPresent).OrderBy(Key, StringComparer.Ordinal);

    private static string Key(ConferenceEndpoint endpoint) => endpoint.Entity;

    private static string Describe(ConferenceUser user)
    {
        var endpoints = user.Endpoints.Select(endpoint =>
            $"{endpoint.Entity} {(endpoint.Status is { } status ? ConferenceNames.Of(status) : "?")}");
        return $"{user.Entity} \"{user.DisplayText}\" {string.Join(", ", endpoints)}";
    }
}
