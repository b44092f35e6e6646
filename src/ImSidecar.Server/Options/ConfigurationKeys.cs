using ImSidecar.Msrp;
using ImSidecar.Msrp.Relay;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Plane;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Xdm.Embedded;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

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
        [DeferredStoreOptions.Section] = typeof(DeferredStoreOptions),
        [XcapServerOptions.Section] = typeof(XcapServerOptions),
        [XdmOptions.Section] = typeof(XdmOptions),
        [ControllingOptions.Section] = typeof(ControllingOptions),
        [ParticipatingOptions.Section] = typeof(ParticipatingOptions),
        [DeferredOptions.Section] = typeof(DeferredOptions),
        [XcapClientOptions.Section] = typeof(XcapClientOptions),
        ["Logging"] = null,
    };

    /// <summary>Throws, one failure for each unknown section or key, and for a value where a list belongs.</summary>
    public static void Check(IConfiguration configuration)
    {
        List<string> failures = [];
        foreach (var section in configuration.GetChildren().Where(each => each.GetChildren().Any()))
        {
            if (!_sections.TryGetValue(section.Key, out var type))
                failures.Add($"{section.Key} is no section");
            else if (type is not null)
                failures.AddRange(section.GetChildren().Select(key => Complaint(type, key)).OfType<string>());
        }

        if (failures.Count > 0)
            throw new OptionsValidationException("configuration", typeof(ConfigurationKeys), failures);
    }

    private static string? Complaint(Type options, IConfigurationSection key)
    {
        var property = options.GetProperties().FirstOrDefault(
            each => each.CanWrite && each.Name.Equals(key.Key, StringComparison.OrdinalIgnoreCase));
        if (property is null)
            return $"{key.Path} is no key";

        var isList = property.PropertyType == typeof(IReadOnlyList<string>);
        return isList && !string.IsNullOrEmpty(key.Value) ? $"{key.Path} must be a list" : null;
    }
}
