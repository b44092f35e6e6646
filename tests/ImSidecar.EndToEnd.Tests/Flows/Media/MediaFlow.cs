using System.Security.Cryptography.X509Certificates;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Media;

/// <summary>Flows over a sidecar with TLS for MSRP, whose certificate nobody has signed.</summary>
public abstract class MediaFlow(DemoProfile profile) : GroupFlow(profile)
{
    private static readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-e2e-tls.");
    private static readonly MsrpTls _first = Write(MsrpTls.SelfSigned("im.example.com"));

    protected static MsrpTls First => _first;

    protected static IReadOnlyList<string> TlsSettings =>
    [
        "--Msrp:TlsListen=127.0.0.1:2856",
        $"--MsrpTls:CertificateFile={CertificateFile}",
        $"--MsrpTls:KeyFile={KeyFile}",
        "--MsrpTls:ReloadInterval=00:00:00.2",
    ];

    protected static MsrpTls Write(MsrpTls tls)
    {
        File.WriteAllText(CertificateFile, tls.Certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, tls.Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return tls;
    }

    protected static InviteOptions Over(MsrpOptions msrp) => new() { Msrp = msrp };

    /// <summary>What one says the other hears, both ways.</summary>
    protected async Task TalkAsync((Handset Handset, Call Call) one, (Handset Handset, Call Call) other)
    {
        await Within(Task.WhenAll(one.Call.Msrp!.Connected, other.Call.Msrp!.Connected));
        await SayAsync(one, other);
        await SayAsync(other, one);
    }

    /// <summary>Over a connection that is bound to its session, or is not: the answer to who asked for it.</summary>
    protected static async Task<int> BoundAsync(Call call)
    {
        await Within(call.Msrp!.Connected);
        return await Within(call.Msrp.Bound);
    }

    private static string CertificateFile => Path.Combine(_folder.FullName, "cert.pem");

    private static string KeyFile => Path.Combine(_folder.FullName, "key.pem");

    private async Task SayAsync((Handset Handset, Call Call) one, (Handset Handset, Call Call) other)
    {
        var text = "from " + one.Handset.Options.User;
        var sent = await Within(one.Call.Msrp!.SendTextAsync(one.Handset.AddressOfRecord, Skiers, text));
        Assert.Equal(200, sent.Status);
        Assert.Equal(text, (await Next(other.Call.Msrp!.Messages)).Text);
    }
}
