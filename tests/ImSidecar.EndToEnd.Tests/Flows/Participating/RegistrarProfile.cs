using System.Net;
using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>The demo profile; users of example.net are served, their registrar on port 5090 is asked.</summary>
public sealed class RegistrarProfile() : DemoProfile(new ProfileOptions
{
    Sidecar =
    [
        $"--Participating:Domains:0={Domain}", "--Participating:RegistrationSources=RegEvent",
        "--Deferred:Enabled=false",
    ],
    Kamailio = ["-A", $"CORE_PEER={Registrar}", "-A", $"CORE_PEER_DOMAIN={Domain}"],
})
{
    internal const string Domain = "example.net";
    internal static readonly IPEndPoint Registrar = new(IPAddress.Loopback, 5090);
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RegistrarUsers : ICollectionFixture<RegistrarProfile>
{
    public const string Name = "registrar profile";
}

/// <summary>Flows of somebody who is called in example.net.</summary>
[Collection(RegistrarUsers.Name)]
public abstract class RegistrarFlow(RegistrarProfile profile) : IAsyncLifetime
{
    /// <summary>Where the registrar says so, there is no such text.</summary>
    protected const string NotAvailable = "User is not available";

    private static readonly SipFlow _core = new(SipProtocol.Udp, new(IPAddress.Loopback, 5070));
    private Handset? _caller;

    private protected Handsets Handsets { get; } = new();

    protected RegistrarProfile Profile => profile;

    protected string User { get; } = $"erin-{Guid.NewGuid():N}";

    protected string Called => $"sip:{User}@{RegistrarProfile.Domain}";

    public virtual async ValueTask InitializeAsync()
    {
        await profile.StartSidecarAsync();
        _caller = Handsets.Stranger("alice");
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        var hasFailed = TestContext.Current.TestState?.Result == TestResult.Failed;
        profile.KeepsTraces |= hasFailed;
        await Handsets.EndAsync(hasFailed);
    }

    /// <summary>A message of alice's to her, from the core: the status and the text of its Warning.</summary>
    protected async Task<(int Status, string? Warning)> SendAsync(string text)
    {
        var message = _caller!.CreateRequest("MESSAGE", Called)
            .Add("P-Asserted-Identity", $"<{_caller.AddressOfRecord}>")
            .Add("Accept-Contact", "*;+g.oma.sip-im")
            .WithBody("text/plain", Encoding.UTF8.GetBytes(text));
        var answer = await Within(_caller.SendAsync(message, _core));
        return (answer.Status, answer["Warning"]?.Split('"')[1]);
    }
}
