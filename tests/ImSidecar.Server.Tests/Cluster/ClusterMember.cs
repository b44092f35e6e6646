using System.Collections.Concurrent;
using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ImSidecar.Server.Tests.Cluster;

/// <summary>A node that could be a process of its own.</summary>
internal sealed class ClusterMember : INodeReport, IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly NpgsqlDataSource _source;
    private Task _run = Task.CompletedTask;
    private volatile TaskCompletionSource? _frozen;

    public ClusterMember(
        string name, string connection, ClusterOptions options, ConcurrentDictionary<Slot, string> all,
        Action<string> onWrong, ILoggerFactory loggers)
    {
        _source = NpgsqlDataSource.Create(connection);
        Holder = new(name, all, onWrong);
        Node = new(
            new(name, $"dns:{name}:5080", "1.0"), options, _source.OpenConnection,
            new(name, options, TimeProvider.System), Holder, this, Fence, TimeProvider.System,
            loggers.CreateLogger<Membership>());
    }

    public Membership Node { get; }

    public SlotRecorder Holder { get; }

    public Fence Fence { get; } = new();

    public ClusterOwnership Ownership => Node.Ownership;

    public int Share => Ownership.Held;

    public ImmutableArray<string> Links { get; set; } = [];

    public bool IsDraining { get; set; }

    public Task Run => _run;

    /// <summary>Its process is no more, so nobody can ask it.</summary>
    public bool IsKilled { get; private set; }

    public async Task StartAsync()
    {
        await Node.JoinAsync();
        _run = Node.RunAsync(_end.Token);
    }

    /// <summary>Its heartbeat stands still.</summary>
    public void Freeze() => _frozen = new();

    public void Thaw()
    {
        var frozen = _frozen;
        _frozen = null;
        frozen!.SetResult();
    }

    /// <summary>As by kill -9: it says nothing to anybody, and its connections break.</summary>
    public async Task KillAsync()
    {
        IsKilled = true;
        await _end.CancelAsync();
        await _run;
        Holder.Forget();
        await _source.DisposeAsync();
    }

    public async Task StopAsync()
    {
        await Node.HandOverAsync(CancellationToken.None);
        await _end.CancelAsync();
        await _run;
        await Node.LeaveAsync();
    }

    public NodeReport Now()
    {
        _frozen?.Task.Wait();
        return new() { IsDraining = IsDraining, Links = Links };
    }

    public async ValueTask DisposeAsync()
    {
        _frozen?.TrySetResult();
        await _end.CancelAsync();
        await Task.WhenAny(_run);
        await Node.DisposeAsync();
        await _source.DisposeAsync();
        _end.Dispose();
    }
}
