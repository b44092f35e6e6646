using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>The store of deferred messages as part of the host: configuration, start, stop.</summary>
public sealed class DeferredStoreServicesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-test-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_message_survives_a_restart_of_the_host_in_a_file_beside_that_of_the_conferences()
    {
        using (var host = Host())
        {
            await host.StartAsync(Cancel);
            var store = host.Services.GetRequiredService<IDeferredMessageStore>();
            Assert.Equal(Deferral.Kept, await store.AddAsync(Message("k1"), DeferralQuota.None, Cancel));
            await host.StopAsync(Cancel);
        }

        Assert.True(File.Exists(Path.Combine(_folder, "deferred.db")));
        using var again = Host();
        await again.StartAsync(Cancel);
        Assert.NotNull(await again.Services.GetRequiredService<IDeferredMessageStore>().FindAsync(Alice, 1, Cancel));
        await again.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_service_that_stops_late_can_still_keep_a_message()
    {
        using var host = Host(services => services.AddHostedService<KeepsWhenStopped>());
        await host.StartAsync(Cancel);
        await host.StopAsync(Cancel);

        using var again = Host();
        Assert.NotNull(await again.Services.GetRequiredService<IDeferredMessageStore>().FindAsync(Alice, 1, Cancel));
    }

    [Fact]
    public async Task A_key_that_everybody_may_read_ends_the_start_with_key_and_file()
    {
        var file = Files.Write(Convert.ToHexString(new byte[32]), "644");
        using var host = Host(settings: ("DeferredStore:KeyFiles:0", file));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel));

        Assert.StartsWith($"DeferredStore:KeyFiles:0 {file} may be read", error.Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_ends_the_start_with_key_and_file()
    {
        var path = Directory.CreateDirectory(Path.Combine(_folder, "deferred.db")).FullName;
        using var host = Host(settings: ("DeferredStore:Connection", $"Data Source={path}"));

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => host.StartAsync(Cancel));

        Assert.StartsWith(
            $"DeferredStore:Connection: cannot use {path}: ", error.Message, StringComparison.Ordinal);
    }

    private IHost Host(Action<IServiceCollection>? more = null, params (string Key, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection([new("Store:Path", Path.Combine(_folder, "conferences.db"))]);
        builder.Configuration.AddInMemoryCollection(
            settings.Select(each => KeyValuePair.Create(each.Key, (string?)each.Value)));
        builder.Logging.ClearProviders();
        builder.Services.AddStores(builder.Configuration);
        builder.Services.AddDeferredStore(builder.Configuration);
        more?.Invoke(builder.Services);
        return builder.Build();
    }

    private sealed class KeepsWhenStopped(IDeferredMessageStore store) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken) => Assert.Equal(
            Deferral.Kept, await store.AddAsync(Message("late"), DeferralQuota.None, cancellationToken));
    }
}
