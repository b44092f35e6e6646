using ImSidecar.Server.Cluster;
using Microsoft.Extensions.Hosting;

namespace ImSidecar.Server.Gateway;

/// <summary>Tells every attached Kamailio which nodes there are, and each time that somebody else owns something.</summary>
internal sealed class TableSender(IOwnership ownership, LinkRegistry links) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        ownership.Changed += Send;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        ownership.Changed -= Send;
        return Task.CompletedTask;
    }

    /// <summary>To one that has just attached.</summary>
    public static void Send(IOwnership ownership, Link link)
    {
        // A full queue misses one: what is sent to the wrong node comes back from there.
        if (ownership.Table is { } table)
            link.TrySend(new() { Nodes = table });
    }

    private void Send()
    {
        foreach (var link in links.All)
            Send(ownership, link);
    }
}
