using ImSidecar.Admin.V1;
using ImSidecar.Grpc;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Admin;

/// <summary>Registers and maps what imsidecarctl asks, on a socket of its own.</summary>
internal static class AdminServices
{
    // A few URIs.
    private const int MaxRequestBytes = 64 * 1024;
    private const int MaxDocumentBytes = 9 * 1024 * 1024;

    public static IServiceCollection AddAdmin(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AdminOptions>().Bind(configuration.GetSection(AdminOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AdminOptions>, AdminOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<AdminOptions>>().Value);
        services.AddSingleton<AdminService>();
        services.AddSingleton<ServedUserAdmin>();
        services.AddSingleton<DeferredAdmin>();
        services.AddSingleton(NodeStores.Of);
        services.AddSingleton<StatusAdmin>();
        services.AddSingleton<ProbeAdmin>();
        services.AddSingleton<NodesAdmin>();
        services.AddSingleton<ConferenceNames>();
        services.AddSingleton<ConferenceAdmin>();
        services.AddSingleton<ConferenceOrders>();
        services.AddSingleton<ConferenceWatch>();
        services.AddSingleton<ConferenceTrace>();
        services.AddSingleton<SubscriptionAdmin>();
        services.AddSingleton<GroupAdmin>();
        services.AddSingleton<Func<Task<ReloadResult>>>(
            provider => provider.GetRequiredService<Reload>().ReloadAsync);
        services.AddSingleton<Func<IReadOnlyDictionary<string, string?>>>(
            provider => () => provider.GetRequiredService<Reload>().Running);
        services.AddSingleton<LifecycleAdmin>();
        services.AddSingleton<IHostedService>(
            provider => new SocketMode(provider.GetRequiredService<AdminOptions>().Socket));
        return services.AddGrpcServer();
    }

    public static void ListenAdmin(this KestrelServerOptions kestrel, string socket) =>
        kestrel.ListenGrpcUnixSocket(socket, listen => listen.Use(next => connection =>
        {
            connection.Features.Set(AdminConnection.Mark);
            return next(connection);
        }));

    public static void MapAdmin(this IEndpointRouteBuilder endpoints)
    {
        var provider = endpoints.ServiceProvider;
        var admin = provider.GetRequiredService<AdminService>();
        var servedUsers = provider.GetRequiredService<ServedUserAdmin>();
        var deferred = provider.GetRequiredService<DeferredAdmin>();
        endpoints.MapGrpc(AdminService.Name, service =>
        {
            service.MaxMessageBytes = MaxRequestBytes;
            service.Unary<StatusRequest, StatusResponse>(
                "Status", StatusRequest.Parser, provider.GetRequiredService<StatusAdmin>().StatusAsync);
            service.Unary<ProbeRequest, ProbeResponse>(
                "Probe", ProbeRequest.Parser, provider.GetRequiredService<ProbeAdmin>().ProbeAsync);
            service.Unary<NodesRequest, NodesResponse>(
                "Nodes", NodesRequest.Parser, provider.GetRequiredService<NodesAdmin>().NodesAsync);
            MapConferences(service, provider);
            MapLifecycle(service, provider.GetRequiredService<LifecycleAdmin>());
            service.Unary<ExplainPolicyRequest, ExplainPolicyResponse>(
                "ExplainPolicy", ExplainPolicyRequest.Parser, admin.ExplainPolicyAsync);
            service.Unary<ServedUserRequest, ServedUserResponse>(
                "ServedUser", ServedUserRequest.Parser, servedUsers.ServedUserAsync);
            service.Unary<DeferredMessagesRequest, DeferredMessagesResponse>(
                "DeferredMessages", DeferredMessagesRequest.Parser, deferred.DeferredMessagesAsync);
            service.Unary<ListDeferredUsersRequest, ListDeferredUsersResponse>(
                "ListDeferredUsers", ListDeferredUsersRequest.Parser, deferred.ListUsersAsync);
            MapGroups(service, provider.GetRequiredService<GroupAdmin>());
        });
    }

    private static void MapLifecycle(GrpcServiceBuilder service, LifecycleAdmin lifecycle)
    {
        service.Unary<DrainRequest, DrainResponse>("Drain", DrainRequest.Parser, lifecycle.DrainAsync);
        service.Unary<ReloadRequest, ReloadResponse>("Reload", ReloadRequest.Parser, lifecycle.ReloadAsync);
        service.Unary<LogLevelsRequest, LogLevelsResponse>(
            "LogLevels", LogLevelsRequest.Parser, lifecycle.LogLevelsAsync);
    }

    private static void MapGroups(GrpcServiceBuilder service, GroupAdmin groups)
    {
        service.Unary<ListGroupsRequest, ListGroupsResponse>("ListGroups", ListGroupsRequest.Parser, groups.ListAsync);
        service.Unary<GetGroupRequest, GetGroupResponse>("GetGroup", GetGroupRequest.Parser, groups.GetAsync);
        service.Unary<DeleteGroupRequest, DeleteGroupResponse>(
            "DeleteGroup", DeleteGroupRequest.Parser, groups.DeleteAsync);

        // What is larger than XcapServer:MaxDocumentBytes is refused in a sentence, up to this.
        service.MaxMessageBytes = MaxDocumentBytes;
        service.Unary<PutGroupRequest, PutGroupResponse>("PutGroup", PutGroupRequest.Parser, groups.PutAsync);
    }

    private static void MapConferences(GrpcServiceBuilder service, IServiceProvider provider)
    {
        var conferences = provider.GetRequiredService<ConferenceAdmin>();
        var orders = provider.GetRequiredService<ConferenceOrders>();
        service.Unary<ListConferencesRequest, ListConferencesResponse>(
            "ListConferences", ListConferencesRequest.Parser,
            WhenAllAreLoaded<ListConferencesRequest, ListConferencesResponse>(provider, conferences.ListAsync));
        service.Unary<ShowConferenceRequest, ShowConferenceResponse>(
            "ShowConference", ShowConferenceRequest.Parser,
            WhenAllAreLoaded<ShowConferenceRequest, ShowConferenceResponse>(provider, conferences.ShowAsync));
        service.Unary<ReleaseConferenceRequest, ReleaseConferenceResponse>(
            "ReleaseConference", ReleaseConferenceRequest.Parser,
            WhenAllAreLoaded<ReleaseConferenceRequest, ReleaseConferenceResponse>(provider, orders.ReleaseAsync));
        service.Unary<ExpelParticipantRequest, ExpelParticipantResponse>(
            "ExpelParticipant", ExpelParticipantRequest.Parser,
            WhenAllAreLoaded<ExpelParticipantRequest, ExpelParticipantResponse>(provider, orders.ExpelAsync));
        service.ServerStreaming<WatchConferencesRequest, ConferenceNews>(
            "WatchConferences", WatchConferencesRequest.Parser,
            provider.GetRequiredService<ConferenceWatch>().WatchAsync);
        service.ServerStreaming<TraceConferenceRequest, TraceItem>(
            "TraceConference", TraceConferenceRequest.Parser,
            provider.GetRequiredService<ConferenceTrace>().TraceAsync);
        service.Unary<ListSubscriptionsRequest, ListSubscriptionsResponse>(
            "ListSubscriptions", ListSubscriptionsRequest.Parser,
            WhenAllAreLoaded<ListSubscriptionsRequest, ListSubscriptionsResponse>(
                provider, provider.GetRequiredService<SubscriptionAdmin>().ListAsync));
    }

    // For a few seconds after a start not all that is stored is in memory, where these look.
    private static Func<TRequest, GrpcContext, Task<TResponse>> WhenAllAreLoaded<TRequest, TResponse>(
        IServiceProvider provider, Func<TRequest, GrpcContext, Task<TResponse>> answer)
    {
        var resumption = provider.GetRequiredService<AggregateRouter>().Resumption;
        return async (request, context) =>
        {
            await resumption.Complete.WaitAsync(context.Cancellation);
            return await answer(request, context);
        };
    }
}
