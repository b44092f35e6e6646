using System.Collections.Immutable;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Sdp;

/// <summary>What an m=message line over MSRP says, RFC 4975 8.</summary>
public sealed record MsrpMedia
{
    public required int Port { get; init; }

    /// <summary>TCP/TLS/MSRP instead of TCP/MSRP.</summary>
    public bool IsTls { get; init; }

    /// <summary>What c= says; null when it says nothing, and in what we write, where it is the session's.</summary>
    public string? Address { get; init; }

    /// <summary>What the certificate of the side hashes to, RFC 8122, each as "name HEX:HEX"; empty: nothing said.</summary>
    public ImmutableArray<string> Fingerprints { get; init; } = [];

    /// <summary>The side connects to what c= and m= say and knows a session by its id alone, RFC 6714.</summary>
    public bool IsCema { get; init; }

    /// <summary>Relays first, the endpoint last; never empty in a description that was read.</summary>
    public required ImmutableArray<MsrpUri> Path { get; init; }

    public ImmutableArray<string> AcceptTypes { get; init; } = [];

    /// <summary>Types taken inside a container only.</summary>
    public ImmutableArray<string> AcceptWrappedTypes { get; init; } = [];

    /// <summary>Null when absent: then the offerer opens the connection.</summary>
    public SetupRole? Setup { get; init; }

    /// <summary>Largest message in bytes that the side wants to get.</summary>
    public long? MaxSize { get; init; }

    /// <summary>The tokens of a=chatroom, RFC 7701 8; null when the attribute is absent.</summary>
    public ImmutableArray<string>? ChatRoom { get; init; }

    public MediaDirection Direction { get; init; }

    public bool IsRejected => Port == 0;

    /// <summary>True when a message of this type may be sent to the side as it is.</summary>
    public bool Accepts(string mediaType) => AcceptTypes.Any(each => Covers(each, mediaType));

    /// <summary>True when a message of this type may be sent to the side inside a container.</summary>
    public bool AcceptsWrapped(string mediaType) =>
        AcceptWrappedTypes.Any(each => Covers(each, mediaType)) || Accepts(mediaType);

    /// <summary>Equal when both say the same: lists compare by their elements; what c= says is not the media's.</summary>
    public bool Equals(MsrpMedia? other) =>
        other is not null
        && (Port, IsTls, Setup, MaxSize, Direction, IsCema)
            == (other.Port, other.IsTls, other.Setup, other.MaxSize, other.Direction, other.IsCema)
        && Fingerprints.SequenceEqual(other.Fingerprints)
        && Path.SequenceEqual(other.Path)
        && AcceptTypes.SequenceEqual(other.AcceptTypes)
        && AcceptWrappedTypes.SequenceEqual(other.AcceptWrappedTypes)
        && ChatRoom.HasValue == other.ChatRoom.HasValue
        && (ChatRoom ?? []).SequenceEqual(other.ChatRoom ?? []);

    public override int GetHashCode() => HashCode.Combine(Port, IsTls, Setup, MaxSize, Direction, Path.LastOrDefault());

    private static bool Covers(string accepted, string mediaType)
    {
        var entry = accepted.AsSpan(0, (accepted + ";").IndexOf(';', StringComparison.Ordinal));
        if (entry is "*" || entry.Equals(mediaType, StringComparison.OrdinalIgnoreCase))
            return true;

        return entry.EndsWith("/*", StringComparison.Ordinal)
            && mediaType.AsSpan().StartsWith(entry[..^1], StringComparison.OrdinalIgnoreCase);
    }
}
