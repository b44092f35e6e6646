namespace ImSidecar.EndToEnd.Tests.Size;

/// <summary>Begins when the sidecar holds nothing of an earlier test: a peer that never answers is waited for 32 s.</summary>
[Collection(SizeProfileUsers.Name)]
public abstract class SizeFlow(SizeProfile profile) : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private protected SizeProfile Profile => profile;

    public async ValueTask InitializeAsync() => await UntilForgottenAsync(_patience);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected async Task UntilForgottenAsync(TimeSpan patience)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(patience);
        while ((await Usage.OfAsync(profile)).Conferences > 0)
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
