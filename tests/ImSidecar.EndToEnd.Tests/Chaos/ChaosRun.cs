using System.Diagnostics;
using System.Text.Json;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Chaos;

/// <summary>Round after round: people meet, disaster strikes in the middle, and then everything must be in order.</summary>
internal sealed class ChaosRun(ChaosProfile profile, int seed, Action<string> say) : IAsyncDisposable
{
    private const int Rooms = 2;
    private const int PhonesInRoom = 3;
    private const int RoundsKept = 4;

    // Of who is gone without a word: his MSRP connection is waited for, a re-INVITE, a BYE and a NOTIFY stay unanswered.
    private static readonly TimeSpan _forgotten = TimeSpan.FromSeconds(150);

    private readonly Random _random = new(seed);
    private readonly Queue<Handsets> _handsets = [];

    public async Task RunAsync(TimeSpan time)
    {
        say($"chaos: seed {seed}, {time.TotalSeconds:F0} s");
        var started = Stopwatch.GetTimestamp();
        for (var round = 1; Stopwatch.GetElapsedTime(started) < time; round++)
            await RunRoundAsync(round);

        var over = Stopwatch.GetTimestamp();
        await UntilForgottenAsync();
        say($"chaos: all is forgotten {Stopwatch.GetElapsedTime(over).TotalSeconds:F1} s after the last round");
        profile.ThrowIfDead();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var handsets in _handsets)
            await handsets.DisposeAsync();
    }

    private async Task RunRoundAsync(int round)
    {
        var handsets = new Handsets($"-{seed}-{round}");
        _handsets.Enqueue(handsets);
        while (_handsets.Count > RoundsKept)
            await _handsets.Dequeue().DisposeAsync();

        var disaster = Disasters.Choose(round, _random);
        var rooms = new List<ChaosPhone>[Rooms];
        for (var room = 0; room < Rooms; room++)
            rooms[room] = await RegisterAsync(handsets, room);

        using var over = new CancellationTokenSource();
        var lives = rooms.SelectMany(room => Live(room, over.Token)).ToList();
        await Task.Delay(_random.Next(3000));
        await disaster.StrikeAsync(profile, _random);
        await over.CancelAsync();
        await Task.WhenAll(lives);

        List<string> faults = [];
        foreach (var room in rooms)
            faults.AddRange(await new ChaosRoom(room, disaster.LosesTransactions()).FaultsAsync());
        var members = rooms.Sum(room => room.Count(phone => phone.IsIn));
        say($"chaos: round {round}, {disaster}, {members} of {Rooms * PhonesInRoom} in, {faults.Count} faults");
        if (faults.Count > 0)
            Assert.Fail($"round {round}, {disaster}, seed {seed}:\n{string.Join('\n', faults.Concat(handsets.Describe()))}");

        foreach (var phone in rooms.SelectMany(room => room))
            await phone.LeaveAsync();
    }

    private async Task<List<ChaosPhone>> RegisterAsync(Handsets handsets, int room)
    {
        List<ChaosPhone> phones = [];
        for (var i = 0; i < PhonesInRoom; i++)
            phones.Add(new(await handsets.RegisterAsync($"room{room}phone{i}"), new(_random.Next())));
        return phones;
    }

    private static IEnumerable<Task> Live(List<ChaosPhone> room, CancellationToken over)
    {
        foreach (var phone in room.Skip(1))
            yield return Task.Run(() => phone.BeInvitedAsync(over), CancellationToken.None);
        yield return Task.Run(() => room[0].InviteAsync(room.Skip(1), over), CancellationToken.None);
    }

    private async Task UntilForgottenAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var started = Stopwatch.GetTimestamp();
        while (await ConferencesAsync() is var conferences and > 0)
        {
            if (Stopwatch.GetElapsedTime(started) > _forgotten)
                Assert.Fail($"{conferences} conferences are left, seed {seed}");

            await tick.WaitForNextTickAsync();
        }
    }

    private async Task<int> ConferencesAsync()
    {
        using var health = JsonDocument.Parse(
            await profile.Http.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
        return health.RootElement.GetProperty("conferences").GetInt32();
    }
}
