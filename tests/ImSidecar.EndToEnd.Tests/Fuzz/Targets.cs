using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Fuzz;

/// <summary>A session to aim at, with a subscription; a new one every few seconds, for the fuzzer may well end it.</summary>
internal static class Targets
{
    private static readonly TimeSpan _life = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public static async Task OfferAsync(SipSeeds sip, MsrpFuzzer msrp, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await using var first = new Handset(new() { User = "first" });
            await using var second = new Handset(new() { User = "second" });
            try
            {
                var call = await OfferAsync(first, second, sip, msrp).WaitAsync(_patience, CancellationToken.None);
                await Task.Delay(_life, CancellationToken.None);
                await call.ByeAsync().WaitAsync(_patience, CancellationToken.None);
            }
            catch (Exception error) when (error is TimeoutException or CallRefusedException
                or InvalidOperationException)
            {
                // It was hit while it was set up.
            }

            (sip.Dialogs, msrp.Paths) = ([], []);
        }
    }

    private static async Task<Call> OfferAsync(Handset first, Handset second, SipSeeds sip, MsrpFuzzer msrp)
    {
        await first.RegisterAsync();
        await second.RegisterAsync();
        var starting = first.StartGroup(DemoProfile.Factory, [second.AddressOfRecord, "sip:absent@example.com"]);
        var ringing = await second.IncomingCalls.ReadAsync();
        var called = await ringing.AcceptAsync();
        var calling = await starting.Answered;
        var watching = first.Subscribe(calling.SessionIdentity, new() { Seconds = 4 });
        await watching.Answered;

        Dialog?[] dialogs = [calling.Dialog, called?.Dialog, watching.Dialog];
        sip.Dialogs = [.. dialogs.OfType<Dialog>()];
        msrp.Paths = [.. PathsOf(calling.Answer.SdpBody), .. PathsOf(ringing.Invite.SdpBody)];
        return calling;
    }

    private static IEnumerable<string> PathsOf(ReadOnlyMemory<byte> sdp) =>
        Encoding.UTF8.GetString(sdp.Span).Split("\r\n")
            .Where(line => line.StartsWith("a=path:", StringComparison.Ordinal))
            .Select(line => line[7..]);
}
