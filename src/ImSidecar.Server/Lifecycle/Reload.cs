using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Lifecycle;

/// <summary>
/// Reads the configuration again: it is checked as a whole, as at the start. What is wrong changes nothing; what is
/// right holds from then on, as far as <see cref="ReloadableKeys"/> go, and the rest is refused by name.
/// </summary>
internal sealed class Reload : IDisposable
{
    private readonly ConfigurationSource _source;
    private readonly Role _role;
    private readonly IReadOnlyList<IReloaded> _users;
    private readonly ServiceManager _manager;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1);
    private Dictionary<string, string?> _running;

    public Reload(
        ConfigurationSource source, Role role, IConfiguration running, IEnumerable<IReloaded> users,
        ServiceManager manager, ILogger<Reload> logger)
    {
        (_source, _role, _users, _manager, _logger) = (source, role, [.. users], manager, logger);
        _running = Copy(running);
    }

    /// <summary>What is in force, whatever the file says meanwhile.</summary>
    public IReadOnlyDictionary<string, string?> Running => Volatile.Read(ref _running);

    /// <summary>One at a time.</summary>
    public async Task<ReloadResult> ReloadAsync()
    {
        await _turn.WaitAsync();
        try
        {
            _manager.Reloading();
            return await Task.Run(Run);
        }
        catch (Exception bug)
        {
            Log.ReloadFailed(_logger, bug);
            return new([], [], ["the reload failed, which is a bug and in the log: " + bug.Message]);
        }
        finally
        {
            _manager.Ready();
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private ReloadResult Run()
    {
        if (_source.TryLoad(out var error) is not { } read)
            return Fail([error]);

        var complaints = ConfigurationCheck.Complaints(read, _role);
        if (complaints.Count > 0)
            return Fail(complaints.Select(each => _source.Place(each, read)));

        var services = new ServiceCollection();
        services.AddLogging();
        _role.Add(services, read);
        var changed = ConfigurationDifference.Between(Root(_running), read, SectionCheck.SectionsOf(services));
        var (applied, refused) = (changed.Where(ReloadableKeys.Contains).ToList(),
            changed.Where(key => !ReloadableKeys.Contains(key)).ToList());
        var next = With(applied, Copy(read));
        var effective = Root(next);

        // A new value may need one that has to wait for a restart.
        if (refused.Count > 0 && ConfigurationCheck.Complaints(effective, _role) is { Count: > 0 } together)
            return Fail(together.Select(each =>
                $"{each}, as long as {string.Join(", ", refused)} waits for a restart ({_source.File})"));

        var reasons = _users.Select(user => user.Prepare(effective)).OfType<string>().ToList();
        if (reasons.Count > 0)
            return Fail(reasons.Select(each => _source.Place(each, read)));

        Take(effective);
        _running = next;
        return Tell(new([.. applied], [.. refused], []));
    }

    private void Take(IConfiguration effective)
    {
        try
        {
            foreach (var user in _users)
                user.Take(effective);
        }
        catch
        {
            // Rather all of the old than half of the new.
            var before = Root(_running);
            foreach (var user in _users.Where(user => user.Prepare(before) is null))
                user.Take(before);
            throw;
        }
    }

    private ReloadResult Fail(IEnumerable<string> errors)
    {
        var result = new ReloadResult([], [], [.. errors]);
        foreach (var error in result.Errors)
            Log.NotReloaded(_logger, error);
        return result;
    }

    private ReloadResult Tell(ReloadResult result)
    {
        foreach (var key in result.Refused)
            Log.NeedsRestart(_logger, key);
        Log.Reloaded(_logger, result.Applied.IsEmpty ? "nothing has changed" : string.Join(", ", result.Applied));
        return result;
    }

    private Dictionary<string, string?> With(List<string> keys, Dictionary<string, string?> read)
    {
        var next = new Dictionary<string, string?>(_running, StringComparer.OrdinalIgnoreCase);
        foreach (var key in keys)
        {
            foreach (var old in next.Keys.Where(each => IsOf(key, each)).ToList())
                next.Remove(old);
            foreach (var (path, value) in read.Where(each => IsOf(key, each.Key)))
                next[path] = value;
        }

        return next;
    }

    private static bool IsOf(string key, string path) =>
        path.StartsWith(key, StringComparison.OrdinalIgnoreCase)
        && (path.Length == key.Length || path[key.Length] == ':');

    // What belongs to no section is the environment's, and not for us.
    private static Dictionary<string, string?> Copy(IConfiguration configuration) =>
        configuration.AsEnumerable()
            .Where(each => each.Value is null || each.Key.Contains(':', StringComparison.Ordinal))
            .ToDictionary(StringComparer.OrdinalIgnoreCase);

    private static IConfigurationRoot Root(Dictionary<string, string?> values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values).Build();
}
