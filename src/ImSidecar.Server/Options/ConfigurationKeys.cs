using ImSidecar.Msrp;
using ImSidecar.Msrp.Relay;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Plane;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Xdm.Embedded;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace ImSidecar.Server.Options;

/// <summary>Finds what nobody reads: a misspelt key would otherwise mean its default, without a word.</summary>
internal static class ConfigurationKeys
{
    private static readonly Dictionary<string, Type?> _sections = new(StringComparer.OrdinalIgnoreCase)
    {
        [GatewayOptions.Section] = typeof(GatewayOptions),
        [OverloadOptions.Section] = typeof(OverloadOptions),
        [AdminOptions.Section] = typeof(AdminOptions),
        [HttpOptions.Section] = typeof(HttpOptions),
        [TelemetryOptions.Section] = typeof(TelemetryOptions),
        [MsrpOptions.Section] = typeof(MsrpOptions),
        [MsrpTlsOptions.Section] = typeof(MsrpTlsOptions),
        [RelayOptions.Section] = typeof(RelayOptions),
        [MsrpWebSocketOptions.Section] = typeof(MsrpWebSocketOptions),
        [PlaneOptions.Section] = typeof(PlaneOptions),
        [StoreOptions.Section] = typeof(StoreOptions),
        [ClusterOptions.Section] = typeof(ClusterOptions),
        [DeferredStoreOptions.Section] = typeof(DeferredStoreOptions),
        [XcapServerOptions.Section] = typeof(XcapServerOptions),
        [XdmOptions.Section] = typeof(XdmOptions),
        [ControllingOptions.Section] = typeof(ControllingOptions),
        [ParticipatingOptions.Section] = typeof(ParticipatingOptions),
        [DeferredOptions.Section] = typeof(DeferredOptions),
        [XcapClientOptions.Section] = typeof(XcapClientOptions),
        [LogLevels.Section] = null,
    };

    /// <summary>The sections that have keys of ours, by name.</summary>
    public static IEnumerable<KeyValuePair<string, Type>> Sections =>
        _sections.Where(each => each.Value is not null).Select(each => KeyValuePair.Create(each.Key, each.Value!));

    /// <summary>
    /// The configuration without what cannot be read; a complaint, which begins with the key, for each of those.
    /// </summary>
    public static IConfigurationRoot Read(IConfiguration configuration, out IReadOnlyList<string> complaints)
    {
        List<string> said = [];
        var readable = configuration.AsEnumerable().ToDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (var section in configuration.GetChildren())
        {
            if (!section.GetChildren().Any())
                said.AddRange(Lonely(configuration, section));
            else if (!_sections.TryGetValue(section.Key, out var type))
                said.Add($"{section.Key} is no section");
            else
                said.AddRange(Complaints(section, type, readable));
        }

        complaints = said;
        return new ConfigurationBuilder().AddInMemoryCollection(readable).Build();
    }

    private static IEnumerable<string> Complaints(
        IConfigurationSection section, Type? type, Dictionary<string, string?> readable)
    {
        if (type is null)
            return LogLevels.Complaints(section);

        return [.. section.GetChildren().Select(key => Complaint(type, key, readable)).OfType<string>()];
    }

    // A key outside of any section is one in the wrong place; but the environment is full of other things.
    private static IEnumerable<string> Lonely(IConfiguration configuration, IConfigurationSection key)
    {
        var isMeant = configuration is not IConfigurationRoot root || root.Providers.Any(each =>
            each is not EnvironmentVariablesConfigurationProvider && each.TryGet(key.Key, out _));
        if (!isMeant)
            return [];

        return _sections.ContainsKey(key.Key)
            ? string.IsNullOrEmpty(key.Value) ? [] : [$"{key.Key} must be a section"]
            : [$"{key.Key} is no section"];
    }

    private static string? Complaint(Type options, IConfigurationSection key, Dictionary<string, string?> readable)
    {
        var property = options.GetProperties().FirstOrDefault(
            each => each.CanWrite && each.Name.Equals(key.Key, StringComparison.OrdinalIgnoreCase));
        if (property is null)
            return $"{key.Path} is no key";

        if (ConfigurationTypes.Complaint(property, key) is not { } complaint)
            return null;

        foreach (var path in key.AsEnumerable().Select(each => each.Key))
            readable.Remove(path);
        return complaint;
    }
}
