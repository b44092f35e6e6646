using ImSidecar.Server.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Lifecycle;

/// <summary>
/// All that is wrong with a configuration at once: keys that nobody reads, values of another type, and what each section
/// says of its values and files.
/// </summary>
internal static class ConfigurationCheck
{
    /// <summary>Sentences that begin with the key.</summary>
    public static IReadOnlyList<string> Complaints(IConfiguration configuration, Role role)
    {
        var readable = ConfigurationKeys.Read(configuration, out var complaints);
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddLogging(logging => logging.ClearProviders());
        role.Add(services, readable);
        return
        [
            .. complaints,
            .. SectionCheck.Complaints(services),
            .. role.Complaints(readable),
            .. DoorCheck.Conflicts(role.Doors(readable)),
        ];
    }
}
