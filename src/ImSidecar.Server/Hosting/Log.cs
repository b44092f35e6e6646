using ImSidecar.Core.Conferences;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Error,
        "{Kind} {Id}: saving failed, its requests are refused and its events tried again (first Call-ID {CallId})")]
    public static partial void BatchFailed(
        ILogger logger, AggregateKind kind, AggregateId id, string callId, Exception exception);

    [LoggerMessage(201, LogLevel.Error,
        "{Kind} {Id}: a rule failed on {Event}, it goes on without it (Call-ID {CallId})")]
    public static partial void RuleFailed(
        ILogger logger, AggregateKind kind, AggregateId id, string @event, string callId, Exception exception);

    [LoggerMessage(202, LogLevel.Information, "Resumed {Count} conferences and subscriptions to documents")]
    public static partial void Resumed(ILogger logger, int count);

    [LoggerMessage(203, LogLevel.Error, "The store cannot be read: what is in it is resumed when it can")]
    public static partial void NotResumed(ILogger logger, Exception exception);

    [LoggerMessage(204, LogLevel.Debug, "{Id}: MSRP leg {Event}")]
    public static partial void LegEvent(ILogger logger, AggregateId id, string @event);

    [LoggerMessage(205, LogLevel.Error, "{Kind} {Id}: {Effect} failed and is given up (Call-ID {CallId})")]
    public static partial void EffectFailed(
        ILogger logger, AggregateKind kind, AggregateId id, string effect, string callId, Exception exception);

    [LoggerMessage(206, LogLevel.Error,
        "{Kind} {Id}: the outcome of an event cannot be stored, the event is given up (Call-ID {CallId})")]
    public static partial void EventGivenUp(
        ILogger logger, AggregateKind kind, AggregateId id, string callId, Exception exception);

    [LoggerMessage(207, LogLevel.Error,
        "{Kind} {Id} cannot be read and is set aside: its requests get 500, its rows stay ({Reason})")]
    public static partial void Unreadable(ILogger logger, AggregateKind kind, AggregateId id, string reason);

    [LoggerMessage(208, LogLevel.Information,
        "{Id}: {Transaction} refused with {Code}: {Explanation} (Call-ID {CallId})")]
    public static partial void Refused(
        ILogger logger, AggregateId id, string transaction, int code, string explanation, string callId);

    [LoggerMessage(209, LogLevel.Debug, "{Kind} {Id}: {Event} leads to {Effects} actions (Call-ID {CallId})")]
    public static partial void Decided(
        ILogger logger, AggregateKind kind, AggregateId id, string @event, int effects, string callId);

    [LoggerMessage(219, LogLevel.Error, "An event could not be handed on to node {Node}")]
    public static partial void NotHandedOn(ILogger logger, string node, Exception error);
}
