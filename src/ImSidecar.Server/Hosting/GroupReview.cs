using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Server.Options;
using ImSidecar.Server.Xdm;
using Microsoft.Extensions.Hosting;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Tells running sessions of changed group documents at once, and has each look at its own now and then: rules come
/// and go with the time of day, and a change may have come while the node was away.
/// </summary>
internal sealed class GroupReview(
    Groups groups, GroupSessions sessions, AggregateRouter router, Live<XdmOptions> options, TimeProvider time)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        groups.Changed += OnChanged;
        try
        {
            // Whose session is resumed later has not heard of a change.
            await router.Resumption.Complete.WaitAsync(stoppingToken);
            using var tick = new PeriodicTimer(options.Value.ReviewInterval, time);
            do
            {
                foreach (var group in sessions.Identities)
                {
                    await groups.ReviewAsync(group);
                    OnChanged(group.AddressKey);
                }

                tick.Period = options.Value.ReviewInterval;
            }
            while (await tick.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            groups.Changed -= OnChanged;
        }
    }

    private void OnChanged(string addressKey)
    {
        if (sessions.Find(addressKey) is { } conference)
            router.TryPost(conference, new GroupChanged());
    }
}
