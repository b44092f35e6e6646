using ImSidecar.Grpc;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Lifecycle;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Gateway;

/// <summary>Registers and maps the gateway to Kamailio.</summary>
internal static class GatewayServices
{
    // A batch of the link, with the bodies of its requests.
    private const int MaxBatchBytes = 16 * 1024 * 1024;

    public static IServiceCollection AddGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<GatewayOptions>().Bind(configuration.GetSection(GatewayOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<GatewayOptions>>().Value);
        services.AddReloaded<GatewayOptions>(GatewayOptions.Section);
        services.AddOptions<OverloadOptions>()
            .Bind(configuration.GetSection(OverloadOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OverloadOptions>, OverloadOptionsValidator>();
        services.AddReloaded<OverloadOptions>(OverloadOptions.Section);
        services.AddSingleton<Admission>();
        services.AddSingleton<Boots>();
        services.AddSingleton<LinkRegistry>();
        services.AddHostedService<LinkWatch>();
        services.AddHostedService<TableSender>();
        services.AddSingleton<SipActions>();
        services.AddSingleton<StoredParties>();
        services.AddSingleton<EventDispatcher>();
        services.AddSingleton<SipGatewayService>();
        services.AddSingleton<Farewell>();
        // Not AddHostedService: it takes one of a kind only, and the admin socket has one too.
        services.AddSingleton<IHostedService>(provider =>
        {
            var gateway = provider.GetRequiredService<GatewayOptions>();
            return new SocketMode(gateway.Socket, gateway.SocketGroup, "Gateway:SocketGroup");
        });
        services.AddSingleton<GatewayTls>();
        return services.AddGrpcServer();
    }

    public static void MapGateway(this IEndpointRouteBuilder endpoints)
    {
        var gateway = endpoints.ServiceProvider.GetRequiredService<SipGatewayService>();
        endpoints.MapGrpc(SipGatewayService.Name, service =>
        {
            service.MaxMessageBytes = MaxBatchBytes;
            service.EndsStreams = false;
            service.Bidirectional<SipEventBatch, SipActionBatch>("Attach", SipEventBatch.Parser, gateway.AttachAsync);
        });
        endpoints.MapGrpcHealth();
    }
}
