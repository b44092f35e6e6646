using ImSidecar.EndToEnd.Tests.Xdm;

namespace ImSidecar.EndToEnd.Tests.Faults;

/// <summary>Documents while the disk is full or broken: read as they were, not changed, and not half.</summary>
[Collection(FaultyProfileUsers.Name)]
public sealed class FullDiskXcapTests(FaultyProfile profile) : IAsyncLifetime
{
    private const string Uri = "http://127.0.0.1:8080/xcap-root/resource-lists/users/sip:alice@example.com/index";

    public async ValueTask InitializeAsync() => await profile.StartSidecarAsync();

    public ValueTask DisposeAsync()
    {
        profile.KeepsTraces |= TestContext.Current.TestState?.Result == TestResult.Failed;
        profile.Disk.Well();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("full")]
    [InlineData("broken")]
    public async Task A_change_is_refused_and_succeeds_when_there_is_room(string fault)
    {
        var kept = await PutAsync("kept");
        if (fault == "full")
            profile.Disk.Full();
        else
            profile.Disk.Broken();

        CurlAnswer[] refused = [await PutAsync("lost"), await PutAsync("lost"), await Curl.DeleteAsync(Uri, "alice")];
        var read = await Curl.GetAsync(Uri, "alice");
        profile.Disk.Well();
        await UntilReady();
        var after = await Curl.GetAsync(Uri, "alice");
        var changed = await PutAsync("changed", "-H", "If-Match: " + kept.ETag);
        await profile.KillSidecarAsync();
        await profile.StartSidecarAsync();
        var last = await Curl.GetAsync(Uri, "alice");

        Assert.All(refused, answer => Assert.Equal(503, answer.Status));
        Assert.All(refused, answer => Assert.NotNull(answer.Header("Retry-After")));
        Assert.Equal((200, kept.ETag), (read.Status, read.ETag));
        Assert.Equal((200, kept.ETag), (after.Status, after.ETag));
        Assert.Equal(200, changed.Status);
        Assert.Equal((changed.ETag, ListOf("changed")), (last.ETag, last.Body));
        await Curl.DeleteAsync(Uri, "alice");
    }

    private static Task<CurlAnswer> PutAsync(string name, params string[] more) =>
        Curl.PutAsync(Uri, "alice", "application/resource-lists+xml", ListOf(name), more);

    private static string ListOf(string name) =>
        $"""<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="{name}"/></resource-lists>""";

    private async Task UntilReady()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await profile.IsReadyAsync())
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
