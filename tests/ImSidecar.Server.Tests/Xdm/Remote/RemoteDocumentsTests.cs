using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>What is kept of a document, how long it is believed, and what is told of its changes.</summary>
public class RemoteDocumentsTests
{
    [Fact]
    public async Task A_document_that_is_known_is_not_asked_for_again()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Serve("<group/>", "\"1\"");

        await world.ReadAsync();
        world.Time.Advance(world.Options.RevalidateAfter - TimeSpan.FromMilliseconds(1));

        Assert.Equal("<group/>", await world.ReadTextAsync());
        Assert.Single(world.Xdms.Requests);
    }

    [Fact]
    public async Task One_GET_serves_all_who_ask_meanwhile()
    {
        await using var world = new RemoteWorld();
        var gate = new TaskCompletionSource();
        world.Xdms.Script = async (_, to, _) =>
        {
            await gate.Task;
            await ScriptedXdms.WriteAsync(to, ScriptedXdms.Document("<group/>"));
        };

        var readers = Enumerable.Range(0, 200).Select(_ => world.ReadTextAsync()).ToList();
        await RemoteWorld.UntilAsync(() => world.Xdms.Requests.Count > 0);
        gate.SetResult();

        Assert.All(await Task.WhenAll(readers), text => Assert.Equal("<group/>", text));
        Assert.Single(world.Xdms.Requests);
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_the_others_their_answer()
    {
        await using var world = new RemoteWorld();
        var gate = new TaskCompletionSource();
        world.Xdms.Script = async (_, to, _) =>
        {
            await gate.Task;
            await ScriptedXdms.WriteAsync(to, ScriptedXdms.Document("<group/>"));
        };
        using var patience = new CancellationTokenSource();

        var impatient = world.Documents.ReadAsync(RemoteWorld.Group, patience.Token).AsTask();
        var patient = world.ReadTextAsync();
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.SetResult();
        Assert.Equal("<group/>", await patient);
        Assert.Single(world.Xdms.Requests);
    }

    [Fact]
    public async Task A_stale_document_is_served_at_once_and_asked_for_behind_the_reader()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Serve("<old/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Serve("<new/>", "\"2\"");
        world.Time.Advance(world.Options.RevalidateAfter);

        Assert.Equal("<old/>", await world.ReadTextAsync());

        await RemoteWorld.UntilAsync(() => !world.Changes.IsEmpty);
        Assert.Equal([RemoteWorld.Group], world.Changes);
        Assert.Equal("<new/>", await world.ReadTextAsync());
        Assert.Equal(2, world.Xdms.Requests.Count);
    }

    [Fact]
    public async Task A_document_that_nobody_kept_current_is_asked_for_before_it_serves()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Serve("<old/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Serve("<new/>", "\"2\"");
        world.Time.Advance(2 * world.Options.RevalidateAfter);

        Assert.Equal("<new/>", await world.ReadTextAsync());
        Assert.Equal([RemoteWorld.Group], world.Changes);
    }

    [Fact]
    public async Task While_the_XDMS_is_down_the_last_known_document_serves_and_then_none()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Always(ScriptedXdms.Status(503));

        world.Time.Advance(world.Options.KeepFor - TimeSpan.FromSeconds(2));
        Assert.Equal("<group/>", await world.ReadTextAsync());
        Assert.True(world.Health.IsFailing);
        world.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("the XDMS answered 503", await world.ReadFailureAsync());
    }

    [Fact]
    public async Task A_document_that_is_believed_no_longer_is_told_as_a_change_once_and_again_when_it_is_known()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Always(ScriptedXdms.Status(500));

        world.Time.Advance(world.Options.KeepFor);
        await world.SweepAsync();
        await world.SweepAsync();
        Assert.Single(world.Changes);

        world.Xdms.Serve("<group/>", "\"1\"");
        world.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("<group/>", await world.ReadTextAsync());
        Assert.Equal(2, world.Changes.Count);
    }

    [Fact]
    public async Task Who_reads_just_then_does_not_keep_it_from_those_who_read_before()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Always(ScriptedXdms.Status(500));

        world.Time.Advance(world.Options.KeepFor);
        Assert.Equal("the XDMS answered 500", await world.ReadFailureAsync());
        await world.SweepAsync();
        await world.SweepAsync();

        Assert.Single(world.Changes);
    }

    [Fact]
    public async Task That_there_is_none_is_believed_for_a_while()
    {
        await using var world = new RemoteWorld();

        Assert.Null(await world.ReadAsync());
        Assert.Null(await world.ReadAsync());
        Assert.Single(world.Xdms.Requests);
        world.Xdms.Serve("<group/>", "\"1\"");
        world.Time.Advance(world.Options.AbsentFor);

        Assert.Equal("<group/>", await world.ReadTextAsync());
        Assert.Single(world.Changes);
    }

    [Fact]
    public async Task A_document_that_is_deleted_is_gone_and_told()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Always(ScriptedXdms.NotFound);
        world.Time.Advance(world.Options.RevalidateAfter);
        await world.SweepAsync();

        Assert.Null(await world.ReadAsync());
        Assert.Equal([RemoteWorld.Group], world.Changes);
    }

    [Fact]
    public async Task The_sweep_keeps_current_what_is_in_use_and_nothing_else()
    {
        await using var world = new RemoteWorld(options => options with { KeepFor = TimeSpan.FromHours(3) });
        world.Xdms.Serve("<a/>", "\"1\"");
        await world.ReadAsync();

        world.Time.Advance(world.Options.InUseFor);
        await world.SweepAsync();
        Assert.Equal(2, world.Xdms.Requests.Count);
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await world.SweepAsync();

        Assert.Equal(2, world.Xdms.Requests.Count);
        Assert.Empty(world.Documents.InUse());
        Assert.Equal([RemoteWorld.Group], world.Changes);
    }

    [Fact]
    public async Task What_is_not_kept_current_any_more_is_told_once_and_asked_for_before_it_serves_again()
    {
        await using var world = new RemoteWorld(options => options with { KeepFor = TimeSpan.FromHours(3) });
        world.Xdms.Serve("<a/>", "\"1\"");
        await world.ReadAsync();
        world.Time.Advance(world.Options.InUseFor + TimeSpan.FromSeconds(1));

        await world.SweepAsync();
        await world.SweepAsync();
        Assert.Equal([RemoteWorld.Group], world.Changes);

        Assert.Equal("<a/>", await world.ReadTextAsync());
        Assert.Equal(2, world.Xdms.Requests.Count);
        Assert.Contains("If-None-Match", world.Xdms.Requests[1]);
        Assert.Single(world.Changes);
    }

    [Fact]
    public async Task That_there_was_no_group_is_taken_back_once_it_is_not_believed()
    {
        await using var world = new RemoteWorld();
        await world.ReadAsync();

        await world.SweepAsync();
        Assert.Empty(world.Changes);
        world.Time.Advance(world.Options.AbsentFor);
        await world.SweepAsync();
        await world.SweepAsync();

        Assert.Equal([RemoteWorld.Group], world.Changes);
        Assert.Single(world.Xdms.Requests);
    }

    [Fact]
    public async Task A_list_that_was_not_there_is_looked_for_again_and_a_group_is_not()
    {
        await using var world = new RemoteWorld();
        await world.ReadAsync();
        await world.ReadAsync(RemoteWorld.List);
        world.Xdms.Serve("<resource-lists/>", "\"1\"");

        world.Time.Advance(world.Options.RevalidateAfter);
        await world.SweepAsync();

        Assert.Equal(3, world.Xdms.Requests.Count);
        Assert.Equal([RemoteWorld.Group, RemoteWorld.List], world.Changes);
    }

    [Fact]
    public async Task What_could_not_be_had_is_asked_for_again_and_told_when_it_can()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Always(ScriptedXdms.Status(403));
        await world.ReadFailureAsync(RemoteWorld.List);
        await world.ReadFailureAsync(RemoteWorld.List);
        Assert.Single(world.Xdms.Requests);

        world.Xdms.Serve("<resource-lists/>", "\"1\"");
        world.Time.Advance(world.Options.RevalidateAfter);
        await world.SweepAsync();

        Assert.Equal([RemoteWorld.List], world.Changes);
    }

    [Fact]
    public async Task A_document_that_has_become_too_large_is_not_replaced_by_what_it_was()
    {
        await using var world = new RemoteWorld(options => options with { MaxDocumentBytes = 1024 });
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Serve(new string('x', 1025), "\"2\"");
        world.Time.Advance(world.Options.RevalidateAfter);
        await world.SweepAsync();

        Assert.Equal([RemoteWorld.Group], world.Changes);
        Assert.Equal("the document has more than 1024 bytes", await world.ReadFailureAsync());
        Assert.Equal(2, world.Xdms.Requests.Count);
    }

    [Fact]
    public async Task A_document_that_is_refused_later_serves_as_when_the_XDMS_is_down()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Always(ScriptedXdms.Status(403));

        world.Time.Advance(world.Options.KeepFor - TimeSpan.FromSeconds(20));
        Assert.Equal("<group/>", await world.ReadTextAsync());
        world.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("the XDMS answered 403", await world.ReadFailureAsync());
        Assert.False(world.Health.IsFailing);
    }

    [Fact]
    public async Task A_handler_that_throws_costs_nobody_his_answer()
    {
        await using var world = new RemoteWorld();
        world.Documents.Changed += _ => throw new InvalidOperationException("a bug");
        Assert.Null(await world.ReadAsync());
        world.Xdms.Serve("<group/>", "\"1\"");
        world.Time.Advance(world.Options.AbsentFor);

        Assert.Equal("<group/>", await world.ReadTextAsync());
        Assert.Single(world.Log.Errors);
    }

    [Fact]
    public async Task What_was_used_least_recently_is_given_up_first()
    {
        await using var world = new RemoteWorld(options => options with { MaxDocuments = 2 });
        world.Xdms.Serve("<list/>", "\"1\"");

        await world.ReadAsync(Numbered(1));
        await world.ReadAsync(Numbered(2));
        await world.ReadAsync(Numbered(1));
        await world.ReadAsync(Numbered(3));
        await RemoteWorld.UntilAsync(() => !world.Changes.IsEmpty);
        Assert.Equal([Numbered(2)], world.Changes);
        Assert.Equal(2, world.Documents.Count().Documents);
        Assert.Equal(3, world.Xdms.Requests.Count);
        await world.ReadAsync(Numbered(1));
        Assert.Equal(3, world.Xdms.Requests.Count);
        await world.ReadAsync(Numbered(2));
        Assert.Equal(4, world.Xdms.Requests.Count);
    }

    [Fact]
    public async Task The_size_of_all_documents_is_bounded()
    {
        await using var world = new RemoteWorld(options => options with { MaxCacheBytes = 2500 });
        world.Xdms.Serve(new string('x', 1000), "\"1\"");

        for (var i = 0; i < 10; i++)
            await world.ReadAsync(Numbered(i));

        Assert.Equal(2, world.Documents.Count().Documents);
        Assert.Equal(2000, world.Documents.Count().Bytes);
    }

    [Fact]
    public async Task Who_asks_for_thousands_that_do_not_exist_pushes_out_none_that_does()
    {
        await using var world = new RemoteWorld(options => options with { MaxDocuments = 20 });
        world.Xdms.Script = (head, to, _) => ScriptedXdms.WriteAsync(
            to, head.Contains("byGroupID", StringComparison.Ordinal)
                ? ScriptedXdms.Document("<group/>")
                : ScriptedXdms.NotFound);
        await world.ReadAsync();

        for (var i = 0; i < 200; i++)
            Assert.Null(await world.ReadAsync(Numbered(i)));

        Assert.Equal(201, world.Xdms.Requests.Count);
        Assert.Equal("<group/>", await world.ReadTextAsync());
        Assert.Equal(201, world.Xdms.Requests.Count);
    }

    [Fact]
    public async Task No_more_are_asked_for_at_a_time_than_allowed()
    {
        await using var world = new RemoteWorld(options => options with { MaxConcurrent = 4 });
        world.Xdms.Script = async (_, to, cancellation) =>
        {
            await Task.Delay(5, cancellation);
            await ScriptedXdms.WriteAsync(to, ScriptedXdms.Document("<list/>"));
        };

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => world.ReadAsync(Numbered(i))));

        Assert.Equal(60, world.Xdms.Requests.Count);
        Assert.InRange(world.Xdms.MostAtOnce, 2, 4);
    }

    [Fact]
    public async Task Readers_and_sweeps_at_the_same_time_see_no_older_version_after_a_newer_one()
    {
        await using var world = new RemoteWorld(options => options with { RevalidateAfter = TimeSpan.FromSeconds(1) });
        var version = 0;
        world.Xdms.Script = (_, to, _) =>
        {
            var next = Interlocked.Increment(ref version);
            return ScriptedXdms.WriteAsync(to, ScriptedXdms.Document($"<v{next:D6}/>", $"\"{next}\""));
        };
        await world.ReadAsync();
        using var done = new CancellationTokenSource();

        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var last = "";
            while (!done.IsCancellationRequested)
            {
                var text = await world.ReadTextAsync();
                Assert.True(string.CompareOrdinal(text, last) >= 0, $"{text} after {last}");
                last = text!;
                await Task.Delay(1, CancellationToken.None);
            }
        })).ToList();
        for (var i = 0; i < 100; i++)
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(700));
            await world.SweepAsync();
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
        // A GET that took longer than the clock of the test allows may have been in vain.
        Assert.InRange(world.Changes.Count, 1, version - 1);
    }

    private static DocumentSelector Numbered(int number) =>
        new(ApplicationUsage.ResourceLists, $"sip:u{number}@example.com", "index");
}
