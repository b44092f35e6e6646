using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Media;

/// <summary>Flows over what carries MSRP: two of a group talk, each in his way.</summary>
public abstract class MediaFlow(DemoProfile profile) : GroupFlow(profile)
{
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

    private async Task SayAsync((Handset Handset, Call Call) one, (Handset Handset, Call Call) other)
    {
        var text = "from " + one.Handset.Options.User;
        var sent = await Within(one.Call.Msrp!.SendTextAsync(one.Handset.AddressOfRecord, Skiers, text));
        Assert.Equal(200, sent.Status);
        Assert.Equal(text, (await Next(other.Call.Msrp!.Messages)).Text);
    }
}
