using System.Collections.Concurrent;
using System.Net;
using ImSidecar.Protocol.Msrp;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Relay;

/// <summary>Next hops that we connect to: one connection for each, shared by all sessions.</summary>
internal sealed class RelayTargets(IOptions<RelayOptions> section, RelayServer server)
{
    private readonly ConcurrentDictionary<(bool, string, int), RelayConnection> _targets = [];
    private readonly TargetPolicy _policy = new(section);

    /// <summary>The connection for this URI, made or being made; null when we do not connect there.</summary>
    public RelayConnection? Get(MsrpUri uri, out RelayRouter.Refusal refusal)
    {
        refusal = default;
        if (!uri.Transport.Equals("tcp", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(uri.Host, out var address) && !_policy.Allows(uri.Host, address, uri.EffectivePort))
        {
            refusal = new(MsrpStatus.Forbidden, "Forbidden: next hop not allowed");
            return null;
        }

        var key = (uri.IsSecure, uri.Host.ToLowerInvariant(), uri.EffectivePort);
        while (true)
        {
            if (_targets.TryGetValue(key, out var known) && !known.Output.IsOver)
                return known;

            if (server.TryCreate() is not { } created)
            {
                refusal = new(MsrpStatus.Timeout, "Timeout: too many connections");
                return null;
            }

            // Of two at once one is the first; the other goes again, and finds it.
            if (known is null ? !_targets.TryAdd(key, created) : !_targets.TryUpdate(key, created, known))
            {
                server.Drop(created);
                continue;
            }

            _ = ConnectAsync(key, uri, created);
            return created;
        }
    }

    private async Task ConnectAsync((bool, string, int) key, MsrpUri uri, RelayConnection connection)
    {
        try
        {
            await server.ConnectAsync(uri, connection).ConfigureAwait(false);
        }
        finally
        {
            _targets.TryRemove(new(key, connection));
        }
    }
}
