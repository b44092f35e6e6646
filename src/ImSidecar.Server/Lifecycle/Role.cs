using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ImSidecar.Server.Lifecycle;

/// <summary>One of the processes that this program can be.</summary>
/// <param name="Name">The first argument; empty: the sidecar.</param>
/// <param name="Add">Registers its services; the configuration is read, not yet checked.</param>
/// <param name="Listen">Opens its doors.</param>
/// <param name="Map">What is served there.</param>
internal sealed record Role(
    string Name, Action<IServiceCollection, IConfiguration> Add, Action<IWebHostBuilder> Listen,
    Action<WebApplication> Map)
{
    /// <summary>What it listens on, as far as that is said rightly.</summary>
    public required Func<IConfiguration, IReadOnlyList<Door>> Doors { get; init; }

    /// <summary>What this role asks of the configuration beyond each section by itself.</summary>
    public Func<IConfiguration, IEnumerable<string>> Complaints { get; init; } = _ => [];
}
