using ImSidecar.Admin.V1;
using ImSidecar.Grpc;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace ImSidecar.Server.Admin;

/// <summary>Tells "imsidecarctl doctor" which values are in force, and where they come from; never a secret.</summary>
internal sealed class ProbeAdmin(IConfiguration atStart, Func<IReadOnlyDictionary<string, string?>> running)
{
    private const string MessageKeys = "DeferredStore:KeyFiles:";

    // Names of files are no secrets, and what is in them is not told.
    private static readonly string[] _keys =
    [
        "Gateway:Socket", "Gateway:Listen", "Gateway:CertificateFile", "Gateway:KeyFile", "Admin:Socket",
        "Http:Listen", "Http:TlsListen",
        "MsrpControl:Socket", "MsrpControl:HttpListen", "MsrpControl:HttpTlsListen",
        "Msrp:Listen", "Msrp:AnnounceHost", "Msrp:AnnouncePort", "Msrp:TlsListen", "Msrp:AnnounceTlsPort",
        "MsrpTls:CertificateFile", "MsrpTls:KeyFile",
        "Relay:Listen", "Relay:AnnounceHost", "Relay:AnnouncePort", "Relay:TlsListen", "Relay:AnnounceTlsPort",
        "Relay:DigestFile",
        "Store:Path", "Store:PasswordFile", "DeferredStore:PasswordFile", "XcapServer:Root", "XcapServer:DigestFile",
        "Xdm:Mode", "XcapClient:Root", "XcapClient:PasswordFile",
        "Controlling:ConferenceFactory", "Controlling:GroupDomain", "Telemetry:OtlpHeadersFile",
    ];

    public Task<ProbeResponse> ProbeAsync(ProbeRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        return AnswerAsync();
    }

    internal Task<ProbeResponse> AnswerAsync()
    {
        var response = new ProbeResponse();
        var inForce = running();
        var keyFiles = inForce.Keys.Where(key => key.StartsWith(MessageKeys, StringComparison.OrdinalIgnoreCase));
        foreach (var key in _keys.Concat(keyFiles.Order(StringComparer.Ordinal)))
        {
            if (inForce.GetValueOrDefault(key) is { } value)
                response.Settings.Add(new ProbedSetting { Key = key, Value = value, Source = Source(key) });
        }

        return Task.FromResult(response);
    }

    // Neither of the two changes while we run.
    private string Source(string key) =>
        (atStart as IConfigurationRoot)?.Providers.LastOrDefault(each => each.TryGet(key, out _)) switch
        {
            EnvironmentVariablesConfigurationProvider => "environment",
            MemoryConfigurationProvider => "command line",
            _ => "file",
        };
}
