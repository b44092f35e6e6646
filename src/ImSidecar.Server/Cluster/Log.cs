using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Cluster;

internal static partial class Log
{
    [LoggerMessage(1200, LogLevel.Information, "Node {Node} has joined in epoch {Epoch}; its gateway is {Gateway}")]
    public static partial void Joined(ILogger logger, string node, long epoch, string gateway);

    [LoggerMessage(1201, LogLevel.Information, "Node {Node} has left epoch {Epoch} in order")]
    public static partial void Left(ILogger logger, string node, long epoch);

    [LoggerMessage(1202, LogLevel.Warning, "Node {Node} could not say that it has left: {Reason}")]
    public static partial void NotLeft(ILogger logger, string node, string reason);

    [LoggerMessage(1203, LogLevel.Warning, "Node {Node} is {State} now")]
    public static partial void StateIs(ILogger logger, string node, string state);

    [LoggerMessage(1204, LogLevel.Error,
        "Node {Node} is dead: its heartbeat has stood still for {Seconds:0.0} s; what it had is taken over")]
    public static partial void Dead(ILogger logger, string node, double seconds);

    [LoggerMessage(1205, LogLevel.Error, "Node {Node} seems dead and could not be declared so: {Reason}")]
    public static partial void NotDeclared(ILogger logger, string node, string reason);

    [LoggerMessage(1206, LogLevel.Error,
        "This node stops serving and forgets what it holds: the database has not heard of it for {Seconds:0.0} s")]
    public static partial void Expired(ILogger logger, double seconds);

    [LoggerMessage(1207, LogLevel.Error,
        "This node stops serving and forgets what it holds: another one has declared it dead (epoch {Epoch} is over)")]
    public static partial void Stale(ILogger logger, long epoch);

    [LoggerMessage(1208, LogLevel.Warning,
        "This node begins anew: it is not certain whether what it gave away is given (epoch {Epoch} ends)")]
    public static partial void Uncertain(ILogger logger, long epoch);

    [LoggerMessage(1209, LogLevel.Warning, "The database of the cluster does not answer: {Reason}")]
    public static partial void Unreachable(ILogger logger, string reason);

    [LoggerMessage(1210, LogLevel.Information, "The database of the cluster answers again")]
    public static partial void Reachable(ILogger logger);

    [LoggerMessage(1211, LogLevel.Information, "Takes {Count} free slots, which were of {Owners}")]
    public static partial void Takes(ILogger logger, int count, string owners);

    [LoggerMessage(1212, LogLevel.Information, "{Count} slots more are this node's, {All} in all")]
    public static partial void TakesUp(ILogger logger, int count, int all);

    [LoggerMessage(1213, LogLevel.Information, "{Count} slots are handed over to {Nodes}, {All} are left")]
    public static partial void Gives(ILogger logger, int count, string nodes, int all);

    [LoggerMessage(1214, LogLevel.Warning, "Slots could not be moved: {Reason}")]
    public static partial void NotMoved(ILogger logger, string reason);

    [LoggerMessage(1215, LogLevel.Warning, "What is stored in {Count} slots could not be listed; tried again")]
    public static partial void NotTakenUp(ILogger logger, int count, Exception error);

    [LoggerMessage(1216, LogLevel.Critical, "Epoch {Epoch} of this node has failed: a bug")]
    public static partial void TenureFailed(ILogger logger, long epoch, Exception bug);

    [LoggerMessage(1217, LogLevel.Critical, "{Sentence}")]
    public static partial void NameTaken(ILogger logger, string sentence);

    [LoggerMessage(1218, LogLevel.Warning, "{Count} slots could not be handed over within {Time}: others take them")]
    public static partial void LeavesSlots(ILogger logger, int count, TimeSpan time);

    [LoggerMessage(1219, LogLevel.Critical, "The heartbeat of this node has failed: a bug")]
    public static partial void HeartbeatFailed(ILogger logger, Exception bug);
}
