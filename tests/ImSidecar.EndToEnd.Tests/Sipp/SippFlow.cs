using System.Globalization;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Sipp;

/// <summary>A flow with SIPp in it: under a user name of its own, so that no earlier contact is in the way.</summary>
public abstract class SippFlow(DemoProfile profile) : Flow(profile)
{
    private static int _lastUser;

    private protected static SippOptions NewPhone(SipProtocol transport = SipProtocol.Udp) => new()
    {
        User = string.Create(CultureInfo.InvariantCulture, $"phone-{Interlocked.Increment(ref _lastUser)}"),
        Transport = transport,
    };

    /// <summary>SIPp waits for an invitation, and its contact is registered.</summary>
    private protected static async Task<SippRun> Invitable(string scenario, SippOptions phone)
    {
        var run = await SippRun.ListenAsync(scenario, phone);
        try
        {
            await Register(phone, run.Port);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIPp registers that port, or takes the registration back.</summary>
    private protected static async Task Register(SippOptions phone, int port, int seconds = 60)
    {
        await using var registering = SippRun.Start("register.xml", phone with
        {
            DigestUri = "example.com",
            Keys =
            [
                ("contact_port", port.ToString(CultureInfo.InvariantCulture)),
                ("expires", seconds.ToString(CultureInfo.InvariantCulture)),
            ],
        });
        await registering.SucceedsAsync();
    }

    /// <summary>A text of one handset reaches the other.</summary>
    private protected static async Task Tell(string from, Call speaker, Call listener)
    {
        var sent = speaker.Msrp!.SendTextAsync(from, speaker.SessionIdentity, "Fresh snow.");
        Assert.Equal(200, (await Within(sent)).Status);
        Assert.Equal(from, (await Next(listener.Msrp!.Messages)).Cpim!.From!.Uri);
    }
}
