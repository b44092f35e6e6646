using System.Collections.Immutable;
using ImSidecar.Client.Msrp;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Client.Commands;

/// <summary>--relay, once for each MSRP relay, the nearest first, and --relay-fingerprint for that one.</summary>
internal static class RelayOption
{
    public const string Name = "relay";

    /// <summary>Null when there is none.</summary>
    public static RelayOptions? Read(CommandLine line)
    {
        ImmutableArray<MsrpUri> relays = [.. line.All(Name).Select(Read)];
        var fingerprint = line.Find("relay-fingerprint");
        if (fingerprint is not null && relays.IsEmpty)
            throw new UsageException("--relay-fingerprint goes with --relay");

        return relays.IsEmpty ? null : new()
        {
            Relays = relays,
            Fingerprints = fingerprint is null ? [] : [fingerprint],
        };
    }

    private static MsrpUri Read(string text)
    {
        var uri = text.Contains(';', StringComparison.Ordinal) ? text : text.TrimEnd('/') + ";tcp";
        return MsrpUri.TryParse(uri, out var relay) ? relay
            : throw new UsageException($"--{Name} {text} is not msrps://HOST:PORT or msrp://HOST:PORT");
    }
}
