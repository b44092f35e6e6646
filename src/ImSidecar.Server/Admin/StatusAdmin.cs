using ImSidecar.Admin.V1;
using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Plane;
using ImSidecar.Server.Xdm.Diff;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Admin;

/// <summary>Tells what this node is and has, and in a sentence each what is wrong with it and what to do.</summary>
internal sealed class StatusAdmin(
    LinkRegistry links,
    Recovery recovery,
    NodeStores stores,
    IMsrpSwitch msrp,
    ConferenceCounts counts,
    DocumentSubscribers documents,
    Admission admission,
    Drain drain,
    GatewayOptions gateway,
    IOptions<PlaneOptions> plane,
    TimeProvider time,
    IServiceProvider others)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    public Task<StatusResponse> StatusAsync(StatusRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var xdms = others.GetService<XdmsHealth>();
        var status = new StatusResponse
        {
            Version = ProductVersion.Text,
            Node = gateway.Node,
            StartedAt = _startedAt.ToUnixTimeSeconds(),
            UptimeSeconds = (long)(time.GetUtcNow() - _startedAt).TotalSeconds,
            Recovered = recovery.Done.IsCompletedSuccessfully,
            Kamailio = links.Current is { } link ? Kamailio(link) : null,
            Store = Store(stores.Conferences),
            DeferredStore = Store(stores.Deferred),
            Xdms = xdms is null ? "embedded" : xdms.IsFailing ? "failing" : "well",
            Msrp = Msrp(),
            Conferences = counts.Conferences,
            Participants = counts.Participants,
            Subscriptions = counts.Subscriptions,
            DocumentSubscriptions = documents.Count,
            RequestsInWork = admission.RequestsInWork,
            EventsInWork = admission.EventsInWork,
            SavesWaiting = stores.Conferences.Waiting(),
            Refused = admission.Refused,
            HeapBytes = GC.GetTotalMemory(forceFullCollection: false),
            Draining = drain.IsOn,
        };
        if (drain.Since is { } since)
            status.DrainingSince = since.ToUnixTimeSeconds();
        status.Problems.AddRange(Problems(status));
        return Task.FromResult(status);
    }

    private IEnumerable<string> Problems(StatusResponse status)
    {
        if (!status.Recovered)
            yield return "What is stored is not resumed yet: Kamailio is not served before that";

        if (others.GetService<Membership>() is { Ownership.IsServing: false })
            yield return "This node may own nothing: PostgreSQL does not hear of it. See \"imsidecarctl nodes\"";

        if (status.Kamailio is not { } kamailio)
            yield return gateway.Listen.Length == 0
                ? $"No Kamailio is attached to {gateway.Socket}: is it running, and does it load im_sidecar.so with"
                    + " this socket?"
                : $"No Kamailio is attached to {gateway.Socket} or {gateway.Listen} (Gateway:Listen): is it running,"
                    + " and does it load im_sidecar.so with that socket, or from another machine with dns:NAME:PORT?";
        else if (kamailio.ModuleVersion.Length > 0 && kamailio.ModuleVersion != ProductVersion.Text)
            yield return $"im_sidecar.so is {kamailio.ModuleVersion} and this sidecar {ProductVersion.Text}: install"
                + " the same release of both, and restart Kamailio";

        if (status.Draining)
            yield return $"The node is drained since {drain.Since:yyyy-MM-ddTHH:mm:ssZ}, new sessions are refused:"
                + " \"imsidecarctl drain --off\" takes it into service again";
        if (status.Store.Failing)
            yield return $"The store {status.Store.Path} cannot be written, new requests are refused until it can:"
                + " is the disk full or read-only?";
        if (status.DeferredStore.Failing)
            yield return $"The store of deferred messages, {status.DeferredStore.Path}, cannot be written: messages for"
                + " who is away are refused until it can";
        if (status.Xdms == "failing")
            yield return "The XDMS of XcapClient:Root does not answer: what is known of its documents serves for a"
                + " while";
        if (!status.Msrp.Available)
            yield return $"The MSRP process does not answer on {status.Msrp.Socket}, new sessions are refused until it"
                + " does: is imsidecar-msrp running?";
    }

    private static KamailioStatus Kamailio(Link link) => new()
    {
        Instance = link.Instance,
        Version = link.KamailioVersion,
        ModuleVersion = link.ModuleVersion,
        AttachedAt = link.AttachedAt.ToUnixTimeSeconds(),
        Serving = link.IsServing,
    };

    private static StoreStatus Store(NodeStore store) =>
        new() { Kind = store.Kind, Path = store.Path, Failing = store.Health.IsFailing };

    private MsrpPlaneStatus Msrp()
    {
        var status = new MsrpPlaneStatus
        {
            OwnProcess = plane.Value.IsRemote,
            Socket = plane.Value.Socket,
            Available = msrp.IsAvailable,
        };
        if (plane.Value.IsRemote || others.GetService<IMsrpLegs>() is not { } legs)
            return status;

        var sessions = legs.SessionIds;
        status.Legs = sessions.Count;
        status.ConnectedLegs = sessions.Count(legs.IsConnected);
        if (others.GetService<IMsrpRelay>() is { } relay)
            status.RelaySessions = relay.Count;
        return status;
    }
}
