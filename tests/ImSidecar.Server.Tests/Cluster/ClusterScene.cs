using System.Collections.Concurrent;
using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Tests.Stores.Deferred;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ImSidecar.Server.Tests.Cluster;

/// <summary>
/// Several nodes on a schema of their own, and one who looks all the time whether two of them think that a slot is
/// theirs.
/// </summary>
internal sealed class ClusterScene : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static int _count;

    private readonly PostgresServer _server;
    private readonly string _schema = $"cluster{Interlocked.Increment(ref _count)}";
    private readonly ConcurrentDictionary<Slot, string> _all = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly ConcurrentBag<ClusterMember> _members = [];
    private readonly CancellationTokenSource _end = new();
    private readonly ILoggerFactory _loggers = LoggerFactory.Create(builder => builder.AddProvider(new TestOutput()));
    private readonly Thread _checker;
    private int _looks;

    private ClusterScene(PostgresServer server)
    {
        _server = server;
        _checker = new(Check) { IsBackground = true };
    }

    /// <summary>A tenth of the time that an operator has, and room for a machine with much to do.</summary>
    public static ClusterOptions Options { get; } = new()
    {
        Heartbeat = TimeSpan.FromSeconds(0.1),
        StopsAfter = TimeSpan.FromSeconds(1.5),
        DeadAfter = TimeSpan.FromSeconds(2.2),
        KamailioGrace = TimeSpan.FromSeconds(0.5),
        SettleTime = TimeSpan.FromSeconds(0.2),
        LeaveWithin = TimeSpan.FromSeconds(10),
    };

    public string Connection => $"{_server.Connection};Search Path={_schema}";

    public static async Task<ClusterScene> StartAsync(PostgresServer server)
    {
        var scene = new ClusterScene(server);
        await server.RunAsync($"CREATE SCHEMA {scene._schema}");
        await scene.RunAsync("CREATE TABLE node_epoch (name text PRIMARY KEY, epoch bigint NOT NULL)");
        await scene.RunAsync(ClusterSchema.Step);
        scene._checker.Start();
        return scene;
    }

    /// <summary>Not started.</summary>
    public ClusterMember Make(string name, ClusterOptions? options = null)
    {
        var member = new ClusterMember(name, Connection, options ?? Options, _all, _wrong.Enqueue, _loggers);
        _members.Add(member);
        return member;
    }

    public async Task<ClusterMember> StartAsync(string name, ClusterOptions? options = null)
    {
        var member = Make(name, options);
        await member.StartAsync();
        return member;
    }

    /// <summary>All slots are of these, each has what falls to it, and nothing moves any more.</summary>
    public static Task BalancedAsync(params ClusterMember[] members) => UntilAsync(
        () => members.Sum(each => each.Share) == Slot.Count && members.All(each =>
            each.Share == each.Ownership.View.DesiredFor(each.Node.Name)
            && each.Holder.Held.Count == each.Share
            && each.Ownership.View.Eligible.Select(node => node.Name).Order()
                .SequenceEqual(members.Select(member => member.Node.Name).Order())),
        () => string.Join(", ", members.Select(each => $"{each.Node.Name}: {each.Share}")));

    public static async Task UntilAsync(Func<bool> isSo, Func<string>? tell = null)
    {
        var since = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(since.Elapsed < _patience, tell?.Invoke() ?? "It does not come");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public async Task<object?> RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What a store asks in each of its transactions.</summary>
    public async Task<bool> MaySaveAsync(FenceKey key) =>
        await RunAsync($"SELECT 1 FROM node_epoch WHERE name = '{key.Node}' AND epoch = {key.Epoch} FOR SHARE")
            is not null;

    public void AssertNeverTwoOwners()
    {
        Assert.Empty(_wrong.Take(5));
        Assert.True(_looks > 10, $"{_looks} looks");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _checker.Join();
        foreach (var member in _members)
            await member.DisposeAsync();
        _loggers.Dispose();
        _end.Dispose();
    }

    private void Check()
    {
        while (!_end.Token.WaitHandle.WaitOne(2))
        {
            var members = _members.ToArray();
            foreach (var slot in Slot.All)
                Check(slot, members);
            Interlocked.Increment(ref _looks);
        }
    }

    // Asked once more behind the other: else one that has just handed it over would be found guilty.
    private void Check(Slot slot, ClusterMember[] members)
    {
        for (var i = 0; i < members.Length; i++)
        {
            if (!IsOf(members[i], slot))
                continue;

            for (var k = i + 1; k < members.Length; k++)
            {
                if (IsOf(members[k], slot) && IsOf(members[i], slot))
                    _wrong.Enqueue($"{members[i].Node.Name} and {members[k].Node.Name} have {slot}");
            }
        }
    }

    private static bool IsOf(ClusterMember member, Slot slot) => !member.IsKilled && member.Ownership.OwnerOf(slot).IsMine;

    private sealed class TestOutput : ILoggerProvider, ILogger
    {
        private readonly ITestOutputHelper? _output = TestContext.Current.TestOutputHelper;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel level, EventId id, TState state, Exception? error, Func<TState, Exception?, string> format)
        {
            try
            {
                _output?.WriteLine($"{DateTime.UtcNow:mm:ss.fff} {format(state, error)} {error}");
            }
            catch (InvalidOperationException)
            {
                // The test is over.
            }
        }

        public void Dispose()
        {
        }
    }
}
