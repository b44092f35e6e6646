using System.Diagnostics;
using System.Net;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Client.Subscriptions;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>A flow over the running profile; its handsets leave with it, and must have seen no violation.</summary>
[Collection(DemoProfileUsers.Name)]
public abstract class Flow(DemoProfile profile) : IAsyncLifetime
{
    /// <summary>The port where P-Asserted-Identity is believed.</summary>
    protected static readonly SipFlow Core = new(SipProtocol.Udp, new(IPAddress.Loopback, 5070));

    private readonly Handsets _handsets = new();

    protected DemoProfile Profile => profile;

    /// <summary>What the sidecar is started with on top of the profile, for all flows of the class.</summary>
    protected virtual IReadOnlyList<string> Settings => [];

    /// <summary>Started again if an earlier flow left it dead, or with other settings.</summary>
    public async ValueTask InitializeAsync() => await profile.BeginFlowAsync(Settings);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        var hasFailed = TestContext.Current.TestState?.Result == TestResult.Failed;
        profile.KeepsTraces |= hasFailed;
        await using (_handsets)
        {
            try
            {
                await TidyAsync();
                await _handsets.LeaveAsync();
                if (!hasFailed)
                {
                    Assert.Empty(_handsets.Violations);
                    Assert.Empty(_handsets.Repeats);
                }
            }
            finally
            {
                if (hasFailed)
                    _handsets.Print();
            }
        }
    }

    /// <summary>Takes away what the flow has put and the next one must not find.</summary>
    protected virtual Task TidyAsync() => Task.CompletedTask;

    /// <summary>A handset that is not registered.</summary>
    protected Handset Stranger(string user, SipProtocol transport = SipProtocol.Udp, HandsetOptions? options = null) =>
        _handsets.Stranger(user, transport, options);

    /// <summary>A registered handset.</summary>
    protected Task<Handset> Register(
        string user, SipProtocol transport = SipProtocol.Udp, HandsetOptions? options = null) =>
        _handsets.RegisterAsync(user, transport, options);

    /// <summary>A registered handset behind a path that does what the rule says.</summary>
    protected Task<(Handset Handset, LossyForwarder Path)> RegisterBehind(
        string user, Func<Passage, Fate> rule, HandsetOptions? options = null) =>
        _handsets.RegisterBehindAsync(user, rule, options);

    /// <summary>The handsets of three users, registered.</summary>
    protected async Task<(Handset Alice, Handset Bob, Handset Carol)> RegisterThree(
        SipProtocol transport = SipProtocol.Udp) =>
        (await Register("alice", transport), await Register("bob", transport), await Register("carol", transport));

    /// <summary>An INVITE to the factory that is refused; the answer.</summary>
    protected static async Task<SipMessage> Refusal(
        Handset inviter, IReadOnlyCollection<string> recipients, InviteOptions? options = null,
        string uri = DemoProfile.Factory)
    {
        var answer = await Within(inviter.StartGroup(uri, recipients, options).Final);
        Assert.True(answer.Status >= 300, $"{answer} came instead of a refusal");
        return answer;
    }

    /// <summary>Reads notifications until one shows that; all that were read.</summary>
    internal static async Task<List<Notification>> ReadUntil(Subscription watching, Func<Notification, bool> isSo)
    {
        var read = new List<Notification>();
        do
            read.Add(await Next(watching.Notifications));
        while (!isSo(read[^1]));

        return read;
    }

    /// <summary>What imsidecarctl says to these arguments; of the profile's sidecar unless they name a socket.</summary>
    protected async Task<string> ControlAsync(params IEnumerable<string> arguments)
    {
        string[] socket = arguments.Contains("--socket") ? [] : ["--socket", Profile.AdminSocket];
        using var tool = Process.Start(new ProcessStartInfo(
            "dotnet", [Built.ControlTool, .. arguments, .. socket])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = await tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await tool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(tool.ExitCode == 0, output + error);
        return output;
    }

    /// <summary>The first text of a Warning header field.</summary>
    protected static string? WarningOf(SipMessage response) => response["Warning"]?.Split('"')[1];
}
