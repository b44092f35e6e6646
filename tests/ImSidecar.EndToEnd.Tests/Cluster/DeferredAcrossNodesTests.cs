using System.Globalization;
using System.Text;
using ImSidecar.Client;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>
/// App. D.2 with several nodes: what is kept through one Kamailio comes through the other one, and outlives the node that
/// took it or brings it.
/// </summary>
public class DeferredAcrossNodesTests(ClusterProfile profile) : ClusterFlow(profile)
{
    private static readonly string[] _texts = ["one", "two", "three"];

    private int _carols;
    private int _bobs;

    protected override IReadOnlyList<string> Settings =>
        ["--Participating:Domains:0=example.com", "--Deferred:PushRetryInterval=00:00:01"];

    [Fact]
    public async Task What_came_through_one_Kamailio_is_pushed_to_who_registers_at_the_other()
    {
        var carol = await ServedByEastAsync();
        await LeaveAllAsync(carol);

        var phone = new AwayPhone(carol);
        await phone.RegisterAsync();

        await phone.HasAsync(_texts.Length);
        await NothingIsKeptAsync(carol);
        Assert.Equal(_texts, phone.Texts);
    }

    // Each waits at another message, and its 200 goes out as the node dies, or never.
    [Fact]
    public async Task When_the_node_that_pushes_dies_the_other_one_goes_on()
    {
        var cases = new List<(int WaitsAt, Handset Carol, AwayPhone Phone)>();
        foreach (var (waitsAt, confirms) in ((int, bool)[])[(0, true), .. Both(1), .. Both(2), .. Both(3)])
        {
            var carol = await ServedByEastAsync();
            await LeaveAllAsync(carol);
            cases.Add((waitsAt, carol, new(carol, waitsAt, confirms)));
        }

        foreach (var (_, _, phone) in cases.AsEnumerable().Reverse())
            await phone.RegisterAsync();
        await Within(Task.WhenAll(cases.Select(one => one.Phone.Waits)));
        foreach (var (_, _, phone) in cases)
            phone.Release();
        await Profile.East.KillAsync();

        foreach (var (waitsAt, carol, phone) in cases)
        {
            await phone.HasAsync(_texts.Length);
            await NothingIsKeptAsync(carol);
            // Of one alone, the last before the end, the confirmation may not have been heard.
            var came = phone.Texts;
            var again = came.Where((text, i) => i > 0 && came[i - 1] == text).ToList();
            Assert.InRange(again.Count, 0, 1);
            Assert.DoesNotContain(again, text => Array.IndexOf(_texts, text) < waitsAt - 1);
            Assert.Equal(_texts, came.Where((text, i) => i == 0 || came[i - 1] != text));
        }

        static IEnumerable<(int, bool)> Both(int waitsAt) => [(waitsAt, false), (waitsAt, true)];
    }

    [Fact]
    public async Task What_was_answered_2xx_is_there_though_the_node_that_took_it_dies()
    {
        var carol = await ServedByEastAsync();
        var before = await DepositsAsync(Profile.East);
        await LeaveAllAsync(carol);
        Assert.Equal(_texts.Length, await DepositsAsync(Profile.East) - before);

        Assert.Equal(202, await LeaveAsync(await RegisterAsync("bob"), carol, "four"));
        await Profile.East.KillAsync();
        var phone = new AwayPhone(carol);
        await phone.RegisterAsync();

        await phone.HasAsync(_texts.Length + 1);
        await NothingIsKeptAsync(carol);
        Assert.Equal("west", await Profile.OwnerOfUserAsync(carol.AddressOfRecord));
        Assert.Equal([.. _texts, "four"], phone.Texts);
    }

    [Fact]
    public async Task A_node_that_stops_in_order_leaves_its_push_to_the_other_one()
    {
        var carol = await ServedByEastAsync();
        await LeaveAllAsync(carol);
        var phone = new AwayPhone(carol, waitsAt: 2, confirms: false);
        await phone.RegisterAsync();
        await Within(phone.Waits);
        phone.Release();

        Assert.Equal(0, await Profile.East.StopAsync());

        await phone.HasAsync(_texts.Length);
        await NothingIsKeptAsync(carol);
        Assert.Equal(_texts, phone.Texts);
    }

    // His half is decided on first, then hers: with both at one node, one that was handed on shows the way to all others.
    [Fact]
    public async Task At_most_one_message_between_two_goes_to_a_node_that_hands_it_on()
    {
        var bob = await SenderServedByEastAsync();
        List<double> redirects = [];
        for (var i = 0; i < 5; i++)
        {
            var carol = await ServedByEastAsync();
            var before = await RedirectsAsync();
            for (var k = 0; k < 8; k++)
                Assert.Equal(202, await LeaveAsync(bob, carol, $"text {k}"));
            redirects.Add(await RedirectsAsync() - before);
        }

        Assert.All(redirects, count => Assert.InRange(count, 0, 1));
        Assert.Contains(1, redirects);
    }

    private async Task<Handset> SenderServedByEastAsync()
    {
        while (true)
        {
            var bob = await RegisterAsync($"bob{_bobs++}");
            if (await Profile.OwnerOfUserAsync(bob.AddressOfRecord) == "east")
                return bob;
        }
    }

    /// <summary>Somebody at the second Kamailio whom the first node serves; she is away.</summary>
    private async Task<Handset> ServedByEastAsync()
    {
        while (true)
        {
            var carol = At(Profile.Kamailios[1], $"carol{_carols++}");
            if (await Profile.OwnerOfUserAsync(carol.AddressOfRecord) == "east")
                return carol;
        }
    }

    private async Task LeaveAllAsync(Handset carol)
    {
        var bob = await RegisterAsync("bob");
        foreach (var text in _texts)
            Assert.Equal(202, await LeaveAsync(bob, carol, text));
    }

    private static async Task<int> LeaveAsync(Handset from, Handset to, string text)
    {
        var message = from.CreateRequest("MESSAGE", to.AddressOfRecord)
            .Add("Accept-Contact", "*;+g.oma.sip-im")
            .WithBody("text/plain", Encoding.UTF8.GetBytes(text));
        return (await Within(from.SendAsync(message))).Status;
    }

    private async Task NothingIsKeptAsync(Handset carol)
    {
        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await Profile.KeptAsync(carol.AddressOfRecord) > 0)
            await tick.WaitForNextTickAsync(limit.Token);
    }

    private async Task<double> RedirectsAsync() =>
        await CountAsync(Profile.East, "imsidecar_gateway_redirects_total")
        + await CountAsync(Profile.West, "imsidecar_gateway_redirects_total");

    private static Task<double> DepositsAsync(ClusterNode node) =>
        CountAsync(node, "imsidecar_deferred_deposits_total", "\"stored\"");

    private static async Task<double> CountAsync(ClusterNode node, string name, string label = "")
    {
        var metrics = await node.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        return metrics.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal)
                && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }
}
