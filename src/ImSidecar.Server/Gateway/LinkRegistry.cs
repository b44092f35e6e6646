using System.Collections.Concurrent;
using ImSidecar.Grpc;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Gateway;

/// <summary>The attached Kamailios. Until several are supported, one at a time: a second instance is refused.</summary>
internal sealed class LinkRegistry
{
    private readonly ConcurrentDictionary<(string Instance, string Boot), EventLedger> ledgers = new();
    private readonly Lock gate = new();
    private Link? current;
    private string? lastBoot;

    public Link? Current => Volatile.Read(ref current);

    /// <summary>Makes a link for the stream; rebooted says that Kamailio has restarted since the last one.</summary>
    public Link Attach(LinkHello hello, int capacity, out bool rebooted)
    {
        lock (gate)
        {
            if (current is { } other && other.Instance != hello.Instance)
            {
                throw new GrpcStatusException(GrpcStatusCode.FailedPrecondition,
                    $"Instance \"{other.Instance}\" is attached and this node serves one Kamailio");
            }

            // The same instance again: its old stream is dead, it just has not been noticed.
            current?.Close();
            rebooted = lastBoot is not null && lastBoot != hello.BootId;
            if (rebooted)
                ledgers.Clear();

            lastBoot = hello.BootId;
            var ledger = ledgers.GetOrAdd((hello.Instance, hello.BootId), _ => new());
            current = new(hello.Instance, hello.BootId, ledger, capacity);
            return current;
        }
    }

    public void Detach(Link link)
    {
        link.Close();
        lock (gate)
        {
            if (ReferenceEquals(current, link))
                current = null;
        }
    }
}
