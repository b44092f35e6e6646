using ImSidecar.Core.Conferences;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Xdm.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Diff;

/// <summary>Registers subscriptions to documents, RFC 5875.</summary>
internal static class DiffServices
{
    public static IServiceCollection AddXcapDiff(this IServiceCollection services)
    {
        services.AddSingleton(provider => new DocumentIds(
            provider.GetRequiredService<NodeSecret>(), provider.GetRequiredService<OperatorPolicy>()));
        services.AddSingleton(IndexOptions);
        services.AddSingleton<DocumentIndex>();
        services.AddSingleton<DocumentSubscribers>();
        services.AddSingleton<IAggregateKind, DocumentSubscriptionRules>();
        return services.AddHostedService<DocumentChangeReader>();
    }

    private static DocumentIndexOptions IndexOptions(IServiceProvider provider)
    {
        var server = provider.GetRequiredService<IOptions<XcapServerOptions>>().Value;
        return new(provider.GetService<EmbeddedDocuments>() is not null, server.Root)
        {
            Readers = XcapServerOptions.Keys(server.Readers),
            Administrators = XcapServerOptions.Keys(server.Administrators),
        };
    }
}
