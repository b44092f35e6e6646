using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 3261 13.2.2.4: bob has several phones, and more than one of them rings or accepts.</summary>
public class ForkRaceTests(DemoProfile profile) : RaceFlow(profile)
{
    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public async Task Three_phones_ring_and_stop_when_one_is_taken()
    {
        var (alice, bob, carol) = await RegisterThree();
        var tablet = await Register("bob");
        var desk = await Register("bob");

        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var rings = await Task.WhenAll(new[] { bob, tablet, desk }.Select(phone => Next(phone.IncomingCalls)));
        foreach (var each in rings)
            await each.RingAsync();
        var call = await Within(rings[1].AcceptAsync());
        await Within(starting.Answered);

        await Within(Task.WhenAll(rings[0].Cancelled, rings[2].Cancelled));
        await Within(call!.Acknowledged);
        Assert.Single(Read(starting.Provisionals), answer => answer.Status == 180);
        Assert.False(call.Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public async Task Two_phones_are_taken_at_once_and_one_of_them_is_in()
    {
        var alice = await Register("alice");
        var phone = await Register("bob");
        var tablet = await Register("bob");

        foreach (var offset in Offsets)
        {
            var starting = alice.StartGroup(DemoProfile.Factory, [phone.AddressOfRecord]);
            var phoneRings = await Next(phone.IncomingCalls);
            var tabletRings = await Next(tablet.IncomingCalls);

            var (one, other) = await Race(
                offset, () => phoneRings.AcceptAsync(), () => tabletRings.AcceptAsync());
            var call = await Within(starting.Answered);
            var calls = new[] { one, other }.OfType<Call>().ToList();
            foreach (var each in calls)
                await Within(each.Acknowledged);
            if (calls.Count == 2)
                await Within(Task.WhenAny(calls.Select(each => each.Ended)));

            var stays = Assert.Single(calls, each => !each.Ended.IsCompleted);
            await AssertHearAsync(call, stays);
            await Within(call.ByeAsync());
            await Within(stays.Ended);
        }
    }

    private static async Task AssertHearAsync(Call from, Call to)
    {
        await Within(Task.WhenAll(from.Msrp!.Connected, to.Msrp!.Connected));
        var sent = await Within(from.Msrp.SendTextAsync("sip:alice@example.com", "sip:bob@example.com", "you?"));
        Assert.Equal(200, sent.Status);
        Assert.Equal("you?", (await Next(to.Msrp.Messages)).Text);
    }
}
