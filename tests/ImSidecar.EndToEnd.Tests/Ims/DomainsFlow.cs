using System.Globalization;
using ImSidecar.Client;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>A flow between two domains; its handsets must have seen no violation, its programs no failure.</summary>
[Collection(TwoDomainsProfileUsers.Name)]
public abstract class DomainsFlow(TwoDomainsProfile profile) : IAsyncLifetime
{
    private readonly Handsets _handsets = new();

    protected TwoDomainsProfile Profile => profile;

    private protected ImsDomain A => profile.A;

    private protected ImsDomain X => profile.X;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        var hasFailed = TestContext.Current.TestState?.Result == TestResult.Failed;
        profile.KeepsTraces |= hasFailed;
        await _handsets.EndAsync(hasFailed);

        profile.ThrowIfFaulty();
    }

    /// <summary>Registered in his domain.</summary>
    private protected Task<Handset> At(ImsDomain domain, string user) =>
        _handsets.RegisterAsync(user, options: new() { User = user, Domain = domain.Name, Proxy = domain.Proxy });

    /// <summary>A group of that domain that anybody of these may start, join and watch; its URI.</summary>
    private protected static async Task<string> GroupOf(ImsDomain domain, params Handset[] members)
    {
        var uri = domain.Group($"skiers-{Guid.NewGuid():N}");
        await new XcapUser(domain.Xcap, members[0].AddressOfRecord).PutGroupAsync(
            new GroupXml(uri, [.. members.Select(member => member.AddressOfRecord)]));
        return uri;
    }

    private protected static int PortOf(Handset handset) =>
        int.Parse(handset.ContactUri.Split(':', ';')[2], CultureInfo.InvariantCulture);

    /// <summary>
    /// The request went from port to port and nowhere else, its final answer back; the last may be on its way yet.
    /// </summary>
    private protected async Task AssertWentAsync(
        string callId, string method, int? number, int[] way, string? answer = "200")
    {
        Arrow[] expected = [.. Between(way, method), .. answer is null ? [] : Between([.. way.Reverse()], answer)];
        Arrow[] seen = [];
        for (var look = 0; look < 20 && seen.Length < expected.Length; look++)
        {
            seen =
            [
                .. (await profile.ArrowsAsync(callId))
                    .Where(arrow => arrow.Method == method && (number is null || arrow.CSeq == number))
                    .Where(arrow => arrow.What == method || int.Parse(arrow.What, CultureInfo.InvariantCulture) >= 200)
                    .Select(arrow => arrow with { CSeq = 0 }),
            ];
        }

        Assert.Equal(expected, seen);

        IEnumerable<Arrow> Between(int[] ports, string what) =>
            ports.Zip(ports.Skip(1), (from, to) => new Arrow(from, to, what, method, 0));
    }
}
