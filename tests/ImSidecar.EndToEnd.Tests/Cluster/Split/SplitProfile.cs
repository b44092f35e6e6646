using System.Net;
using ImSidecar.Client;

namespace ImSidecar.EndToEnd.Tests.Cluster.Split;

/// <summary>The cluster with each program in a network of its own, and a database that notes who writes what.</summary>
public sealed class SplitProfile : ClusterProfile
{

    public SplitProfile()
        : this(new SplitNet())
    {
    }

    private SplitProfile(SplitNet net)
        : base(net) => Net = net;

    internal SplitNet Net { get; }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await SavesByOwners.WatchAsync(this);
    }

    /// <summary>How a handset of that Kamailio is set up.</summary>
    internal HandsetOptions HandsetAt(ClusterKamailio kamailio) => new()
    {
        User = "",
        Proxy = kamailio.Handsets,
        Local = new IPEndPoint(Net.AddressOf(SplitNet.Phones), 0),
    };

    private protected override async Task<bool> IsSettledAsync()
    {
        foreach (var kamailio in Kamailios)
        {
            // Of registrations they tell each other again when they have found each other.
            if ((await kamailio.AskAsync("dmq.list_nodes")).Split("status: active").Length - 1 < Kamailios.Count)
                return false;
        }

        return await base.IsSettledAsync();
    }
}
