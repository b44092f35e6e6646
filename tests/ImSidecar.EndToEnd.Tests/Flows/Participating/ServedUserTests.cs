using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>Two users who are served: what one sends passes his half and the other's, and goes on.</summary>
public class ServedUserTests(DemoProfile profile) : ServedFlow(profile)
{
    [Fact]
    public async Task A_session_of_two_goes_through_both_halves_and_comes_by_until_its_end()
    {
        var (alice, bob, _) = await RegisterThree();

        var calling = alice.Invite(bob.AddressOfRecord);
        var bobCall = await Group.AcceptAsync(bob);
        var aliceCall = await Within(calling.Answered);
        await Within(Task.WhenAll(aliceCall.Msrp!.Connected, bobCall.Msrp!.Connected));
        await Within(aliceCall.Msrp.SendAsync("text/plain", "through"u8.ToArray()));

        Assert.Equal("through", (await Next(bobCall.Msrp.Messages)).Text);
        Assert.Null(bobCall.Invite["Answer-Mode"]);
        Assert.Equal(200, (await Within(aliceCall.ByeAsync())).Status);
        await Within(bobCall.Ended);
    }

    [Fact]
    public async Task A_message_goes_through_and_its_answer_back()
    {
        var (alice, bob, _) = await RegisterThree();

        Assert.Equal(200, (await SendAsync(alice, bob.AddressOfRecord)).Status);

        Assert.Equal("one line", (await Next(bob.Messages)).Text);
    }

    [Fact]
    public async Task A_call_that_is_given_up_stops_ringing()
    {
        var (alice, bob, _) = await RegisterThree();
        var calling = alice.Invite(bob.AddressOfRecord);
        var ringing = await Next(bob.IncomingCalls);
        await ringing.RingAsync();

        await Within(calling.CancelAsync());

        await Within(ringing.Cancelled);
        Assert.Equal(487, (await Within(calling.Final)).Status);
    }

    [Fact]
    public async Task Busy_is_what_the_caller_hears()
    {
        var (alice, bob, _) = await RegisterThree();
        var calling = alice.Invite(bob.AddressOfRecord);

        await (await Next(bob.IncomingCalls)).RejectAsync();

        Assert.Equal(486, (await Within(calling.Final)).Status);
    }

    [Fact]
    public async Task All_phones_of_a_user_ring()
    {
        var (alice, bob, _) = await RegisterThree();
        var other = await Register("bob");
        var calling = alice.Invite(bob.AddressOfRecord);
        var ringing = await Next(other.IncomingCalls);

        var call = await Group.AcceptAsync(bob);

        await Within(calling.Answered);
        await Within(ringing.Cancelled);
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
    }

    [Fact]
    public async Task Who_is_not_registered_or_not_visible_is_not_there()
    {
        var (alice, bob, _) = await RegisterThree();
        Assert.Equal((480, NotAvailable), await RefusedAsync(alice, "sip:erin@example.com"));

        await SetAsync(bob.AddressOfRecord, "--visible", "false");
        var invisible = await RefusedAsync(alice, bob.AddressOfRecord);
        await SetAsync(bob.AddressOfRecord, "--visible", "true");

        Assert.Equal((480, NotAvailable), invisible);
        Assert.Equal(200, (await SendAsync(alice, bob.AddressOfRecord)).Status);
        await Within(bob.RegisterAsync(0));
        Assert.Equal(480, (await SendAsync(alice, bob.AddressOfRecord)).Status);
    }

    [Fact]
    public async Task Without_the_service_nobody_sends_starts_or_gets_anything()
    {
        var (alice, bob, carol) = await RegisterThree();
        await SetAsync(alice.AddressOfRecord, "--active", "false");

        var sent = await SendAsync(alice, bob.AddressOfRecord);
        var started = await Refusal(alice, [bob.AddressOfRecord]);
        var got = await SendAsync(carol, alice.AddressOfRecord);
        await SetAsync(alice.AddressOfRecord, "--active", "true");

        Assert.Equal((403, "Service is not active"), (sent.Status, WarningOf(sent)));
        Assert.Equal((403, "Service is not active"), (started.Status, WarningOf(started)));
        Assert.Equal((480, NotAvailable), (got.Status, WarningOf(got)));
        await Group.StartAsync(alice, [bob]);
    }

    [Fact]
    public async Task Registrations_and_settings_outlive_kill_9()
    {
        var (alice, bob, carol) = await RegisterThree();
        await SetAsync(carol.AddressOfRecord, "--visible", "false");

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();

        var called = await SendAsync(alice, bob.AddressOfRecord);
        var invisible = await SendAsync(alice, carol.AddressOfRecord);
        await SetAsync(carol.AddressOfRecord, "--visible", "true");
        Assert.Equal((200, 480), (called.Status, invisible.Status));
        Assert.Equal("one line", (await Next(bob.Messages)).Text);
    }
}
