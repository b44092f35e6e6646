using ImSidecar.Admin.V1;
using ImSidecar.Grpc;
using Microsoft.Extensions.Configuration;

namespace ImSidecar.Server.Admin;

/// <summary>Tells "imsidecarctl doctor" which values are in force, wherever they come from; never a secret.</summary>
internal sealed class ProbeAdmin(IConfiguration configuration)
{
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
        "Store:Path", "DeferredStore:PasswordFile", "XcapServer:Root", "XcapServer:DigestFile",
        "Xdm:Mode", "XcapClient:Root", "XcapClient:PasswordFile",
        "Controlling:ConferenceFactory", "Controlling:GroupDomain",
    ];

    public Task<ProbeResponse> ProbeAsync(ProbeRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        return AnswerAsync();
    }

    internal Task<ProbeResponse> AnswerAsync()
    {
        var response = new ProbeResponse();
        foreach (var key in _keys)
        {
            if (configuration[key] is { } value)
                response.Settings.Add(new ProbedSetting { Key = key, Value = value });
        }

        foreach (var file in configuration.GetSection("DeferredStore:KeyFiles").GetChildren())
            response.Settings.Add(new ProbedSetting { Key = file.Path, Value = file.Value ?? "" });
        return Task.FromResult(response);
    }
}
