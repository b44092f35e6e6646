using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Chaos;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Cluster.Split;

/// <summary>Round after round: people meet through both Kamailios, something is cut meanwhile, mended, and all is in order.</summary>
internal sealed class SplitRun(SplitProfile profile, int seed, Action<string> say) : IAsyncDisposable
{
    private const int PhonesInRoom = 3;

    // Of three two should be in when all is mended.
    private const int PatienceOfPhones = 25;

    // Longer than DeadAfter and GoneAfter.
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(7);

    // Until nodes that a Kamailio misses have nothing any more: its keepalive, the grace, sixteen steps.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(20);

    // Whoever waits for an answer of his proxy has one, or gives up, by then.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    // Of who is gone without a word: his MSRP connection is waited for, a re-INVITE, a BYE and a NOTIFY stay unanswered.
    private static readonly TimeSpan _forgotten = TimeSpan.FromSeconds(150);

    // When rooms begin, in seconds from the cut: before it, at it, when its victims are about to be dead, and afterwards.
    private static readonly double[] _begins = [-1.5, 0, 2.5, 6];

    private readonly Random _random = new(seed);
    private readonly List<Handsets> _handsets = [];

    public async Task RunAsync(int rounds)
    {
        say($"split: seed {seed}, {rounds} rounds");
        var before = await SavesByOwners.CountAsync(profile);
        var watch = new TwoOwners(profile);
        await using (watch)
        {
            watch.Begin();
            Cut[] order = [.. Cut.All];
            for (var round = 0; round < rounds; round++)
            {
                if (round % order.Length == 0)
                    _random.Shuffle(order);
                await RunRoundAsync(round + 1, order[round % order.Length]);
            }

            await UntilForgottenAsync();
        }

        var saves = await SavesByOwners.CountAsync(profile) - before;
        say($"split: {saves} saves, {watch.Looks} looks");
        Assert.InRange(saves, 20 * rounds, long.MaxValue);
        Assert.InRange(watch.Looks, 10 * rounds, int.MaxValue);
        Assert.Empty(watch.Faults);
        Assert.Empty(await SavesByOwners.FaultsAsync(profile));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var handsets in _handsets)
            await handsets.DisposeAsync();
    }

    private async Task RunRoundAsync(int round, Cut cut)
    {
        var handsets = new Handsets($"-{seed}-{round}");
        _handsets.Add(handsets);
        var rooms = new List<List<ChaosPhone>>();
        for (var room = 0; room < _begins.Length; room++)
            rooms.Add(await RegisterAsync(handsets, room));

        using var over = new CancellationTokenSource();
        var start = Stopwatch.GetTimestamp();
        var lives = rooms.Zip(_begins, (room, begin) => LiveAsync(room, TimeSpan.FromSeconds(begin - _begins[0]), over.Token)).ToList();
        await Task.Delay(TimeSpan.FromSeconds(-_begins[0]) + TimeSpan.FromMilliseconds(_random.Next(500)));
        cut.Begin(profile.Net);
        await HoldAsync(cut);
        cut.End(profile.Net);
        await over.CancelAsync();
        await Task.WhenAll(lives).WaitAsync(_patience);
        await profile.SettledAsync();

        List<string> faults = [];
        foreach (var room in rooms)
            faults.AddRange(await new ChaosRoom(room, cut.LosesTransactions).FaultsAsync());
        var members = rooms.Sum(room => room.Count(phone => phone.IsIn));
        say($"split: round {round}, {cut}, {members} of {rooms.Count * PhonesInRoom} in, {faults.Count} faults,"
            + $" {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
        if (faults.Count > 0)
            Assert.Fail($"round {round}, {cut}, seed {seed}:\n{string.Join('\n', faults.Concat(handsets.Describe()))}");

        foreach (var phone in rooms.SelectMany(room => room))
            await phone.LeaveAsync();
    }

    // Until it has come to what is promised, and for some time in any case.
    private async Task HoldAsync(Cut cut)
    {
        var since = Stopwatch.GetTimestamp();
        var least = _shortest + TimeSpan.FromSeconds(2 * _random.NextDouble());
        while (true)
        {
            var held = (East: (await TwoOwners.AskAsync(profile.East)).Held, West: (await TwoOwners.AskAsync(profile.West)).Held);
            var passed = Stopwatch.GetElapsedTime(since);
            if (IsAsPromised(cut, held.East, held.West) && passed > least)
                return;

            Assert.True(passed < _longest, $"{cut}: after {passed.TotalSeconds:F0} s east has {held.East} slots, west {held.West}");
            await Task.Delay(100);
        }
    }

    private static bool IsAsPromised(Cut cut, int east, int west) => cut.Served switch
    {
        "" => east + west == 0,
        "east" => (east, west) == (Slot.Count, 0),
        "west" => (east, west) == (0, Slot.Count),
        _ => east is > 400 and < 624 && east + west == Slot.Count,
    };

    private async Task<List<ChaosPhone>> RegisterAsync(Handsets handsets, int room)
    {
        List<ChaosPhone> phones = [];
        for (var i = 0; i < PhonesInRoom; i++)
        {
            // Who invites is at one in this room and at the other in the next.
            var options = profile.HandsetAt(profile.Kamailios[(room + i) % 2]);
            phones.Add(new(await handsets.RegisterAsync($"room{room}phone{i}", options: options), new(_random.Next()), PatienceOfPhones));
        }

        return phones;
    }

    private static async Task LiveAsync(List<ChaosPhone> room, TimeSpan begin, CancellationToken over)
    {
        await Task.Delay(begin, CancellationToken.None);
        await Task.WhenAll(
            room.Skip(1).Select(phone => Task.Run(() => phone.BeInvitedAsync(over), CancellationToken.None))
                .Append(Task.Run(() => room[0].InviteAsync(room.Skip(1), over), CancellationToken.None)));
    }

    private async Task UntilForgottenAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var started = Stopwatch.GetTimestamp();
        foreach (var node in profile.Nodes)
        {
            while (await node.ConferencesAsync(TestContext.Current.CancellationToken) is var conferences and > 0)
            {
                if (Stopwatch.GetElapsedTime(started) > _forgotten)
                    Assert.Fail($"{conferences} conferences are left at {node.Name}, seed {seed}");

                await tick.WaitForNextTickAsync();
            }
        }

        say($"split: all is forgotten {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s after the last round");
    }
}
