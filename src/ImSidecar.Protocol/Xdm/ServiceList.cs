using System.Collections.Immutable;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Services by name of their enabler, or all but those; XDM extensions.</summary>
public sealed record ServiceList(bool AllExcept, ImmutableArray<ServiceEntry> Services)
{
    /// <summary>True if the service may be used; with media, if all of them may be.</summary>
    public bool Includes(string enabler, ImmutableArray<string> media)
    {
        foreach (var service in Services)
            if (string.Equals(service.Enabler, enabler, StringComparison.OrdinalIgnoreCase)
                && (AllExcept || media.IsEmpty || service.Media is not { } list || list.Includes(media)))
                return !AllExcept;

        return AllExcept;
    }
}

/// <summary>A service, and the media it may use; null is any.</summary>
public sealed record ServiceEntry(string Enabler, MediaList? Media = null);

/// <summary>Media by the names of XDM extensions (message-session, file-transfer ...), or all but those.</summary>
public sealed record MediaList(bool AllExcept, ImmutableArray<string> Media)
{
    /// <summary>True if each of the media is in the list; false when there are none.</summary>
    public bool Includes(ImmutableArray<string> media)
    {
        foreach (var each in media)
            if (Media.Contains(each) == AllExcept)
                return false;

        return !media.IsEmpty;
    }
}
