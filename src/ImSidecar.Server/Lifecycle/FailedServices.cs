using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Lifecycle;

/// <summary>Services that should work as long as the process does, and have failed: the host stops for one.</summary>
internal static class FailedServices
{
    /// <summary>Each is logged with its stack; false: there is none.</summary>
    public static bool Tell(IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(FailedServices));
        var failed = services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Where(each => each.ExecuteTask is { IsFaulted: true }).ToList();
        foreach (var service in failed)
            Log.ServiceFailed(logger, service.GetType().Name, service.ExecuteTask!.Exception!.GetBaseException());
        return failed.Count > 0;
    }
}
