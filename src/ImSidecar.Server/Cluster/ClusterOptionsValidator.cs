using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Cluster;

/// <summary>Checks the section "Cluster" at start; each complaint names its key.</summary>
internal sealed class ClusterOptionsValidator : IValidateOptions<ClusterOptions>
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        List<string> failures = [];
        Check(nameof(options.Heartbeat), options.Heartbeat >= _shortest && options.Heartbeat <= TimeSpan.FromSeconds(10),
            "must be 0.05 to 10 s");
        Check(nameof(options.StopsAfter), options.StopsAfter >= options.Heartbeat * 3,
            "must be at least three times Cluster:Heartbeat");
        Check(nameof(options.DeadAfter),
            options.DeadAfter >= options.StopsAfter + options.Heartbeat && options.DeadAfter <= _longest,
            "must be at least Cluster:StopsAfter and Cluster:Heartbeat together, and at most a minute");
        Check(nameof(options.KamailioGrace), IsShort(options.KamailioGrace), "must be 0 to 60 s");
        Check(nameof(options.SettleTime), IsShort(options.SettleTime), "must be 0 to 60 s");
        Check(nameof(options.LeaveWithin), IsShort(options.LeaveWithin), "must be 0 to 60 s");
        Check(nameof(options.SlotsAtOnce), options.SlotsAtOnce is >= 1 and <= 1024, "must be 1 to 1024");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, bool isValid, string rule)
        {
            if (!isValid)
                failures.Add($"{ClusterOptions.Section}:{key} {rule}");
        }
    }

    private static bool IsShort(TimeSpan time) => time >= TimeSpan.Zero && time <= _longest;
}
