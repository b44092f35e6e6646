using System.Diagnostics;
using System.Globalization;
using ImSidecar.Core.Deferred;
using ImSidecar.Grpc.Health;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Benchmarks.Deferred;

/// <summary>Fills the store of a sidecar that does not run, so that it is there with a million messages.</summary>
internal static class Program
{
    private const int PerUser = 10;
    private const int AtOnce = 4000;

    /// <summary>STORE MESSAGES: the path that Store:Path names, and how many; ten for each user.</summary>
    public static async Task<int> Main(string[] args)
    {
        if (args is [var path, var text]
            && int.TryParse(text, CultureInfo.InvariantCulture, out var count) && count > 0)
            return await FillAsync(path, count) ? 0 : 1;

        await Console.Error.WriteLineAsync("usage: STORE MESSAGES");
        return 2;
    }

    private static async Task<bool> FillAsync(string path, int count)
    {
        var health = new StoreHealth(new HealthBoard(), NullLogger<StoreHealth>.Instance);
        await using var store = DeferredStoreServices.Open(
            new(), new() { Path = path }, health, NullLogger<DeferredMessageStore>.Instance);
        var watch = Stopwatch.StartNew();
        var now = DateTimeOffset.UtcNow;
        for (var from = 0; from < count; from += AtOnce)
        {
            var kept = await Task.WhenAll(Enumerable.Range(from, Math.Min(AtOnce, count - from)).Select(
                number => AddAsync(store, number, now)));
            if (kept.Any(each => each != Deferral.Kept))
                return false;
        }

        Console.WriteLine($"filled {count}");
        var rate = count / watch.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fill_rate {rate:0}"));
        return true;
    }

    private static Task<Deferral> AddAsync(DeferredMessageStore store, int number, DateTimeOffset now) =>
        store.AddAsync(KeptMessage.Of(number / PerUser, (number % PerUser) + 1, now), DeferralQuota.None, default)
            .AsTask();
}
