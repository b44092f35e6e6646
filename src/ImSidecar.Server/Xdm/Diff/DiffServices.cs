using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Xdm.Embedded;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Diff;

/// <summary>Registers subscriptions to documents, RFC 5875: to ours, and ours to those of a remote XDMS.</summary>
internal static class DiffServices
{
    public static IServiceCollection AddXcapDiff(this IServiceCollection services)
    {
        services.AddSingleton<DocumentIds>();
        services.AddSingleton(IndexOptions);
        services.AddSingleton<DocumentIndex>();
        services.AddSingleton<DocumentSubscribers>();
        services.AddSingleton<IAggregateKind, DocumentSubscriptionRules>();
        services.AddSingleton(Target);
        services.AddSingleton<DocumentWatcher>();
        services.AddSingleton<IDocumentWatch>(provider => provider.GetRequiredService<DocumentWatcher>());
        services.AddSingleton<IAggregateKind, DocumentWatchRules>();
        services.AddHostedService<DocumentWatchReader>();
        return services.AddHostedService<DocumentChangeReader>();
    }

    // Without a remote XDMS, or an address of it, one that was subscribed to before is forgotten.
    private static DocumentWatchTarget Target(IServiceProvider provider)
    {
        var policy = provider.GetRequiredService<OperatorPolicy>();
        if (provider.GetService<XcapClientOptions>() is not { SubscribeTo.Length: > 0 } client
            || !SipUri.TryParse(client.SubscribeTo, out var notifier))
            return new(AggregateId.Of(AggregateKind.DocumentWatch, "none"), null);

        var identity = SipUri.TryParse(client.AssertedIdentity, out var asserted)
            ? asserted
            : policy.ConferenceFactory;
        return new(
            provider.GetRequiredService<DocumentIds>().OfWatch(notifier),
            new(notifier, identity)
            {
                Duration = policy.SubscriptionDuration,
                GroupFolder = client.GroupFolder + "/",
            });
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
