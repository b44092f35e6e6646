using ImSidecar.Msrp;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Telemetry.Logging;
using ImSidecar.Server.Telemetry.Otlp;
using ImSidecar.Server.Telemetry.Prometheus;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Telemetry;

/// <summary>Registers metrics and who shows them, for the sidecar and for the MSRP plane.</summary>
internal static class TelemetryServices
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TelemetryOptions>()
            .Bind(configuration.GetSection(TelemetryOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        if (configuration[$"{TelemetryOptions.Section}:{nameof(TelemetryOptions.OtlpEndpoint)}"] is { Length: > 0 })
            services.AddSingleton<OtlpExport>();
        services.AddOptions<LogOptions>().Bind(configuration.GetSection(LogOptions.Section))
            .Validate(options => options.KnownFormat is not null, LogOptions.Complaint)
            .ValidateOnStart();
        services.AddSingleton<ProcessMetrics>();
        return services.AddSingleton<MetricCollector>();
    }

    /// <summary>Before the host starts: what happens then is counted too.</summary>
    public static void MapTelemetry(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<TelemetryOptions>>().Value.Prometheus)
            app.MapPrometheus();
        app.Services.GetService<OtlpExport>()?.Begin();
        Instruments.Begin();
        MsrpRegistration.PublishMetrics();
        _ = app.Services.GetRequiredService<ProcessMetrics>();
        _ = app.Services.GetService<NodeMetrics>();
        if (app.Services.GetService<ClusterMetrics>() is not null)
            ClusterInstruments.Begin();
        _ = app.Services.GetService<RemoteMetrics>();
    }
}
