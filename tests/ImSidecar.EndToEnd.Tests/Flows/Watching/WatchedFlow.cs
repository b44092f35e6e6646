using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.EndToEnd.Tests.Flows.Deferred;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.EndToEnd.Tests.Xdm;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Watching;

/// <summary>Flows over a sidecar that logs all it can, traces every Call-ID and sends both to a collector.</summary>
public abstract class WatchedFlow(DemoProfile profile) : DeferredFlow(profile)
{
    protected const string Password = "wonderland";
    protected const int CollectorPort = 4318;

    protected override IReadOnlyList<string> Settings =>
    [
        .. base.Settings, "--XcapServer:DigestFile=" + XcapUsers.Sha256, "--Logging:LogLevel:Default=Trace",
        "--Logging:LogLevel:Microsoft.AspNetCore=Trace", "--Logging:LogLevel:Microsoft.Hosting=Trace",
        $"--Telemetry:OtlpEndpoint=http://127.0.0.1:{CollectorPort}", "--Telemetry:OtlpProtocol=Http",
        "--Telemetry:TraceRatio=1",
    ];

    /// <summary>Alice, carol and dave talk; dave's connection breaks. What alice and carol have of it.</summary>
    private protected async Task<(Call Caller, Call Invited)> ChatAsync(string text, string subject, string nickname)
    {
        var (alice, carol, dave) = (await Register("alice"), await Register("carol"), await Register("dave"));
        var group = await Group.StartAsync(alice, [carol, dave], new InviteOptions { Subject = subject });
        Assert.Equal(200, await group.SayAsync(alice, text));
        Assert.Equal(text, (await group.HearAsync(carol)).Text);
        await Within(group[alice].NicknameAsync(nickname));
        group[dave].Msrp!.DropConnection();
        return (group[alice], group[carol]);
    }

    /// <summary>Alice leaves a message for bob, who comes and gets it.</summary>
    private protected async Task LeaveMessageAsync(string text, string subject)
    {
        var alice = await Register("alice");
        Assert.Equal(202, (await LeaveAsync(alice, text, ("Subject", subject))).Status);
        var (_, push) = await ComesAsync();
        await Within(push.AcceptAsync(new() { Msrp = DeferredPush.AnyForm }));
        await AssertKeptAsync(0);
    }
}
