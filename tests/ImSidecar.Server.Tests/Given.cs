using ImSidecar.Core.Conferences;
using ImSidecar.Grpc.Health;
using ImSidecar.Server.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests;

/// <summary>What many tests of the server need and none looks at.</summary>
internal static class Given
{
    public static StoreHealth StoreHealth() => new(new HealthBoard(), NullLogger<StoreHealth>.Instance);

    extension(StoredAggregate stored)
    {
        /// <summary>What most tests store.</summary>
        public Conference Conference => (Conference)stored.State;
    }
}
