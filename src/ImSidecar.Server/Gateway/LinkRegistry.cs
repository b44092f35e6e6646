using System.Collections.Concurrent;
using ImSidecar.Grpc;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Gateway;

/// <summary>The attached Kamailios. Until several are supported, one at a time: a second instance is refused.</summary>
internal sealed class LinkRegistry(IBootMemory boots)
{
    private readonly ConcurrentDictionary<(string Instance, string Boot), EventLedger> _ledgers = new();
    private readonly Lock _gate = new();
    private Link? _current;
    private string? _lastBoot = boots.Last;

    public Link? Current => Volatile.Read(ref _current);

    /// <summary>Makes a link for the stream; rebooted says that Kamailio has restarted since the last one.</summary>
    public Link Attach(LinkHello hello, int capacity, out bool rebooted)
    {
        lock (_gate)
        {
            if (_current is { } other && other.Instance != hello.Instance)
            {
                throw new GrpcStatusException(GrpcStatusCode.FailedPrecondition,
                    $"Instance \"{other.Instance}\" is attached and this node serves one Kamailio");
            }

            // The same instance again: its old stream is dead, it just has not been noticed.
            _current?.Close();
            rebooted = _lastBoot is not null && _lastBoot != hello.BootId;
            if (rebooted)
                _ledgers.Clear();

            _lastBoot = hello.BootId;
            var ledger = _ledgers.GetOrAdd((hello.Instance, hello.BootId), _ => new());
            _current = new(hello.Instance, hello.BootId, ledger, capacity)
            {
                KamailioVersion = hello.KamailioVersion,
                ModuleVersion = hello.ModuleVersion,
                ReplaysUpTo = hello.ReplaysUpTo,
            };
            return _current;
        }
    }

    /// <summary>The conferences have dealt with that boot: a restarted node need not do so again.</summary>
    public async Task RememberBootAsync(Link link, CancellationToken cancellation)
    {
        if (boots.Last != link.BootId && ReferenceEquals(Current, link))
            await boots.RememberAsync(link.BootId, cancellation);
    }

    public void Detach(Link link)
    {
        link.Close();
        lock (_gate)
        {
            if (ReferenceEquals(_current, link))
                _current = null;
        }
    }
}
