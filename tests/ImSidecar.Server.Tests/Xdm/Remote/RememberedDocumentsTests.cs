namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>What is known of the documents of a remote XDMS across a restart of the node.</summary>
public class RememberedDocumentsTests
{
    private readonly FakeRemoteStore _store = new();

    [Fact]
    public async Task A_node_that_starts_while_the_XDMS_is_down_has_the_last_known_document()
    {
        await using var before = new RemoteWorld(store: _store);
        before.Xdms.Serve("<group/>", "\"1\"");
        await before.ReadAsync();
        await before.StopAsync();

        await using var after = new RemoteWorld(store: _store, time: before.Time);
        after.Xdms.Always(ScriptedXdms.Status(503));
        after.Time.Advance(after.Options.KeepFor - TimeSpan.FromSeconds(2));
        Assert.Equal("<group/>", await after.ReadTextAsync());
        after.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("the XDMS answered 503", await after.ReadFailureAsync());
    }

    [Fact]
    public async Task A_remembered_document_is_asked_for_before_it_serves_however_young()
    {
        await using var before = new RemoteWorld(store: _store);
        before.Xdms.Serve("<old/>", "\"1\"");
        await before.ReadAsync();
        await before.StopAsync();

        await using var after = new RemoteWorld(store: _store, time: before.Time);
        after.Xdms.Serve("<new/>", "\"2\"");

        Assert.Equal("<new/>", await after.ReadTextAsync());
        Assert.Contains("If-None-Match: \"1\"", Assert.Single(after.Xdms.Requests));
        Assert.Equal([RemoteWorld.Group], after.Changes);
    }

    [Fact]
    public async Task One_that_has_not_changed_is_not_sent_again()
    {
        await using var before = new RemoteWorld(store: _store);
        before.Xdms.Serve("<group/>", "\"1\"");
        await before.ReadAsync();
        await before.StopAsync();

        await using var after = new RemoteWorld(store: _store, time: before.Time);
        after.Xdms.Always(ScriptedXdms.NotModified);

        Assert.Equal("<group/>", await after.ReadTextAsync());
        Assert.Empty(after.Changes);
    }

    [Fact]
    public async Task What_was_deleted_is_not_remembered()
    {
        await using var world = new RemoteWorld(store: _store);
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();
        await RemoteWorld.UntilAsync(() => _store[RemoteWorld.Group] is not null);
        world.Xdms.Always(ScriptedXdms.NotFound);
        world.Time.Advance(world.Options.RevalidateAfter);
        await world.SweepAsync();

        await RemoteWorld.UntilAsync(() => _store[RemoteWorld.Group] is null);
    }

    [Fact]
    public async Task A_confirmation_is_remembered_now_and_then()
    {
        await using var world = new RemoteWorld(store: _store);
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();
        await RemoteWorld.UntilAsync(() => _store[RemoteWorld.Group] is not null);
        var first = _store[RemoteWorld.Group]!.ConfirmedAt;

        for (var minute = 0; minute < 12; minute++)
        {
            world.Time.Advance(world.Options.RevalidateAfter);
            await world.SweepAsync();
        }

        await world.StopAsync();
        Assert.Equal(13, world.Xdms.Requests.Count);
        Assert.Equal(first + TimeSpan.FromMinutes(12), _store[RemoteWorld.Group]!.ConfirmedAt);
        Assert.InRange(_store.Writes, 2, 3);
    }

    [Fact]
    public async Task While_the_store_fails_documents_are_read_as_before_and_written_afterwards()
    {
        _store.Fails = true;
        await using var world = new RemoteWorld(store: _store);
        world.Xdms.Serve("<group/>", "\"1\"");
        Assert.Equal("<group/>", await world.ReadTextAsync());
        world.Time.Advance(TimeSpan.FromSeconds(1));

        _store.Fails = false;
        await RemoteWorld.UntilAsync(() =>
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(100));
            return _store[RemoteWorld.Group] is not null;
        });
    }

    [Fact]
    public async Task A_clock_that_was_set_back_makes_no_document_younger()
    {
        await using var before = new RemoteWorld(store: _store);
        before.Time.Advance(TimeSpan.FromHours(5));
        before.Xdms.Serve("<group/>", "\"1\"");
        await before.ReadAsync();
        await before.StopAsync();

        await using var after = new RemoteWorld(store: _store);
        after.Xdms.Always(ScriptedXdms.Status(503));

        Assert.Equal("the XDMS answered 503", await after.ReadFailureAsync());
    }
}
