using ImSidecar.Msrp;
using Microsoft.Extensions.Configuration;

namespace ImSidecar.Server.Lifecycle;

/// <summary>The files of section "MsrpTls".</summary>
internal sealed class ReloadedTls(IMsrpTls tls) : IReloaded
{
    public string? Prepare(IConfiguration configuration) =>
        tls.Prepare(configuration.GetSection(MsrpTlsOptions.Section).Get<MsrpTlsOptions>() ?? new());

    public void Take(IConfiguration configuration) => tls.Take();
}
