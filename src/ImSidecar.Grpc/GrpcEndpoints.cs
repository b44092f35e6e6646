using ImSidecar.Grpc.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImSidecar.Grpc;

/// <summary>Registers the server and maps services onto endpoint routing.</summary>
public static class GrpcEndpoints
{
    public static IServiceCollection AddGrpcServer(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<HealthBoard>();
        services.TryAddSingleton<GrpcServer>();
        return services;
    }

    /// <summary>Maps a service by its full name, as in "imsidecar.v1.SipGateway"; needs AddGrpcServer.</summary>
    public static IEndpointConventionBuilder MapGrpc(
        this IEndpointRouteBuilder endpoints, string service, Action<GrpcServiceBuilder> configure)
    {
        var server = endpoints.ServiceProvider.GetRequiredService<GrpcServer>();
        var builder = new GrpcServiceBuilder(service);
        configure(builder);

        var group = endpoints.MapGroup("");
        foreach (var method in builder.Methods)
            group.MapPost(method.Path, http => server.RunAsync(http, method)).WithDisplayName($"gRPC {method.Path}");

        if (server.ClaimFallback())
            MapUnknownMethods(endpoints);

        return group;
    }

    /// <summary>Maps grpc.health.v1.Health over the registered <see cref="HealthBoard"/>.</summary>
    public static IEndpointConventionBuilder MapGrpcHealth(this IEndpointRouteBuilder endpoints)
    {
        var health = new HealthService(endpoints.ServiceProvider.GetRequiredService<HealthBoard>());
        return endpoints.MapGrpc(HealthService.Name, health.Configure);
    }

    private static void MapUnknownMethods(IEndpointRouteBuilder endpoints)
    {
        var pattern = RoutePatternFactory.Parse(
            "{grpcService}/{grpcMethod}",
            defaults: null,
            parameterPolicies: new RouteValueDictionary { ["grpcService"] = new GrpcContentTypeConstraint() });

        endpoints.Map(pattern, GrpcServer.RefuseUnknownAsync)
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Post]))
            .WithDisplayName("gRPC unknown method");
    }
}
