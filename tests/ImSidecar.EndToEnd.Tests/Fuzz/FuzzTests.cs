using System.Globalization;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Fuzz;

/// <summary>
/// Spoiled SIP and MSRP for a while: both processes live, a group goes on talking, and what was taken is given back.
/// IMSIDECAR_FUZZ_MINUTES and IMSIDECAR_FUZZ_SEED say how long and which (`make fuzz`).
/// </summary>
[Collection(FuzzProfileUsers.Name)]
public sealed class FuzzTests(FuzzProfile profile)
{
    private const int Rate = 1500;

    // What would be left of a message if it leaked; and what varies by itself.
    private const int BytesPerMessage = 100;
    private const int Slack = 2 << 20;
    private const int ManagedSlack = 32 << 20;

    private static readonly int _seed = Number("IMSIDECAR_FUZZ_SEED", 4475);
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan _length =
        Number("IMSIDECAR_FUZZ_MINUTES", 0) is > 0 and var minutes
            ? TimeSpan.FromMinutes(Math.Min(minutes, 60))
            : TimeSpan.FromSeconds(8);

    [Fact]
    public async Task Nothing_breaks_and_nothing_is_kept()
    {
        Say($"fuzz seed {_seed}, {_length}");
        await using var handsets = new Handsets();
        var alice = await handsets.RegisterAsync("alice");
        var bob = await handsets.RegisterAsync("bob");
        var group = await Group.StartAsync(alice, [bob]);
        var watching = bob.Subscribe(group.SessionIdentity);
        Assert.Equal(200, (await Within(watching.Answered)).Status);

        await FuzzAsync(_seed, _warmUp, group, alice, bob);
        var before = await SettledAsync();
        var sent = await FuzzAsync(_seed + 1, _length, group, alice, bob);
        var after = await SettledAsync();

        Say($"{sent} messages\nbefore {before}\nafter  {after}");
        profile.ThrowIfDead();
        Assert.Empty(profile.Kamailio.Failures().Concat(profile.Sidecar.Failures()));
        var leak = (long)sent * BytesPerMessage;
        Assert.InRange(after.Shared - before.Shared, long.MinValue, leak + Slack / 4);
        Assert.InRange(after.Private - before.Private, long.MinValue, leak + Slack / 4);
        // AddressSanitizer keeps what is freed, to see who uses it afterwards.
        if (Built.KamailioPreload is null)
            Assert.InRange(after.KamailioResident - before.KamailioResident, long.MinValue, leak + 4 * Slack);
        Assert.InRange(after.SidecarResident - before.SidecarResident, long.MinValue, leak + ManagedSlack);

        Assert.Equal(200, (await Within(watching.UnsubscribeAsync())).Status);
        Assert.Equal(200, (await Within(group[alice].ByeAsync())).Status);
        await Within(group[bob].Ended);
        Assert.Empty(handsets.Violations);
    }

    // The group talks and refreshes all the while.
    private async Task<int> FuzzAsync(int seed, TimeSpan length, Group group, Handset alice, Handset bob)
    {
        using var stop = new CancellationTokenSource(length);
        using var sip = new SipFuzzer(seed);
        var msrp = new MsrpFuzzer(seed);
        await RegisterAsync(sip);
        var running = Task.WhenAll(
            sip.RunAsync(Rate, stop.Token), msrp.RunAsync(Rate / 10, stop.Token),
            Targets.OfferAsync(sip.Seeds, msrp, stop.Token));

        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            Assert.Equal(200, await group.SayAsync(alice, $"still here {i}"));
            Assert.Equal($"still here {i}", (await group.HearAsync(bob)).Text);
            if (i % 10 == 0)
                Assert.Equal(200, (await Within(group[bob].ReinviteAsync())).Status);
            await Task.WhenAny(running, Task.Delay(100, TestContext.Current.CancellationToken));
            profile.ThrowIfDead();
        }

        await Within(running);
        return sip.Sent + msrp.Sent;
    }

    // The invitee that answers with spoiled responses.
    private static async Task RegisterAsync(SipFuzzer sip)
    {
        using var fuzz = new Edge.Attacker("fuzz");
        var register = fuzz.Request("REGISTER", "sip:example.com", to: "sip:fuzz@example.com")
            .Add("Contact", sip.Contact).Add("Expires", "600");
        Assert.Equal(200, (await fuzz.AskAsync(register)).Status);
    }

    // Transactions end, memories fade.
    private async Task<Vitals> SettledAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var vitals = await Vitals.TakeAsync(profile);
        while (!vitals.IsQuiet)
        {
            if (limit.IsCancellationRequested)
                Assert.Fail($"the module does not come to rest: {vitals}");
            await tick.WaitForNextTickAsync(CancellationToken.None);
            vitals = await Vitals.TakeAsync(profile);
        }

        // tm frees a transaction five seconds after its end.
        for (var i = 0; i < 6; i++)
            await tick.WaitForNextTickAsync(CancellationToken.None);
        return await Vitals.TakeAsync(profile);
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;

    private static void Say(string text)
    {
        Console.WriteLine(text);
        TestContext.Current.TestOutputHelper?.WriteLine(text);
    }
}
