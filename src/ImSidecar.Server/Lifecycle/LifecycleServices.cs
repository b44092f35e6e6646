using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Lifecycle;

/// <summary>Registers what both processes need to start, be watched, change and end.</summary>
internal static class LifecycleServices
{
    public static IServiceCollection AddLifecycle(
        this IServiceCollection services, ConfigurationSource source, IConfiguration configuration,
        TimeSpan stopsWithin)
    {
        var levels = new LogLevels(configuration, TimeProvider.System);
        services.AddSingleton(source);
        services.AddSingleton(levels);

        // Instead of those that follow the section by themselves: a reload is checked before it counts.
        services.RemoveAll<IConfigureOptions<LoggerFilterOptions>>();
        services.RemoveAll<IOptionsChangeTokenSource<LoggerFilterOptions>>();
        services.AddSingleton<IConfigureOptions<LoggerFilterOptions>>(levels);
        services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(levels);
        services.AddSingleton<IReloaded>(levels);
        services.AddSingleton<IReloaded, ReloadedTls>();
        services.AddSingleton<Reload>();
        services.AddSingleton(new ServiceManager(Environment.GetEnvironmentVariable));
        services.AddHostedService<Signals>();
        services.AddHostedService<Watchdog>();
        services.AddHostedService<ClockWatch>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = stopsWithin);
        return services;
    }
}
