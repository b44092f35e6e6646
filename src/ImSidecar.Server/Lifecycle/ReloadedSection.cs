using ImSidecar.Msrp;
using ImSidecar.Msrp.Relay;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ImSidecar.Server.Lifecycle;

/// <summary>A section whose users read it each time.</summary>
internal sealed class ReloadedSection<T>(string section, Live<T> live) : IReloaded
    where T : class, new()
{
    public void Take(IConfiguration configuration) =>
        live.Value = configuration.GetSection(section).Get<T>() ?? new();
}

/// <summary>Registers such sections.</summary>
internal static class ReloadedSections
{
    /// <summary>To be called behind AddOptions of it.</summary>
    public static IServiceCollection AddReloaded<T>(this IServiceCollection services, string section)
        where T : class, new() =>
        services.AddLive<T>().AddUser<T>(section);

    /// <summary>Behind AddMsrpRelay, which has it live.</summary>
    public static IServiceCollection AddReloadedRelay(this IServiceCollection services) =>
        services.AddUser<RelayOptions>(RelayOptions.Section);

    private static IServiceCollection AddUser<T>(this IServiceCollection services, string section)
        where T : class, new() =>
        services.AddSingleton<IReloaded>(
            provider => new ReloadedSection<T>(section, provider.GetRequiredService<Live<T>>()));
}
