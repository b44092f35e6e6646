using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>The store as part of the host: configuration, start, stop.</summary>
public sealed class StoreServicesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-test-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string FileName => Path.Combine(_folder, "conferences.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_conference_and_the_secret_survive_a_restart_of_the_host()
    {
        byte[] secret;
        using (var host = Host(FileName))
        {
            await host.StartAsync(Cancel);
            secret = host.Services.GetRequiredService<NodeSecret>().Value.ToArray();
            var store = host.Services.GetRequiredService<IAggregateStore>();
            var conference = Sample.Conference();
            Assert.True(await store.TrySaveAsync(
                conference.Id, 0, ConferenceChanges.Between(null, conference), Cancel));
            await host.StopAsync(Cancel);
        }

        using var again = Host(FileName);
        await again.StartAsync(Cancel);
        Assert.Equal(secret, again.Services.GetRequiredService<NodeSecret>().Value.ToArray());
        Assert.NotNull(await again.Services.GetRequiredService<IAggregateStore>().LoadAsync(new("room1"), Cancel));
        await again.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_service_that_stops_late_can_still_save()
    {
        using var host = Host(FileName, services => services.AddHostedService<SavesWhenStopped>());
        await host.StartAsync(Cancel);
        await host.StopAsync(Cancel);

        using var again = Host(FileName);
        Assert.NotNull(await again.Services.GetRequiredService<IAggregateStore>().LoadAsync(new("room1"), Cancel));
    }

    [Theory]
    [InlineData(null, "Store:Path is not set")]
    [InlineData("", "Store:Path is not set")]
    [InlineData("conferences.db", "Store:Path is not an absolute path")]
    [InlineData("/a\0b", "Store:Path is not an absolute path")]
    public async Task A_bad_path_ends_the_start_with_the_key(string? path, string words)
    {
        using var host = Host(path);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel));

        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_ends_the_start_with_key_and_file()
    {
        var path = Directory.CreateDirectory(Path.Combine(_folder, "conferences.db")).FullName;
        using var host = Host(path);

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => host.StartAsync(Cancel));

        Assert.Contains("Store:Path", error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    private static IHost Host(string? path, Action<IServiceCollection>? more = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection([new("Store:Path", path)]);
        builder.Logging.ClearProviders();
        builder.Services.AddStores(builder.Configuration);
        more?.Invoke(builder.Services);
        return builder.Build();
    }

    private sealed class SavesWhenStopped(IAggregateStore store) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            var conference = Sample.Conference();
            var changes = ConferenceChanges.Between(null, conference);
            Assert.True(await store.TrySaveAsync(conference.Id, 0, changes, cancellationToken));
        }
    }
}
