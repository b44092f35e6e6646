using System.Collections.Immutable;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Xdm.Remote;

namespace ImSidecar.Server.Telemetry;

/// <summary>The values that labels may have: few, and none of a peer's choosing.</summary>
internal static class Labels
{
    public const string Other = "other";

    public const string Event = "event";
    public const string Rule = "rule";
    public const string Effect = "effect";
    public const string Save = "save";

    /// <summary>Where a bug shows.</summary>
    public static readonly ImmutableArray<string> Parts = [Event, Rule, Effect, Save];

    public const string Stale = "stale";
    public const string Expired = "expired";
    public const string Uncertain = "uncertain";

    /// <summary>Why a node of several stopped serving.</summary>
    public static readonly ImmutableArray<string> Fencings = [Stale, Expired, Uncertain];

    private static readonly string[] _methods =
    [
        "INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER", "MESSAGE", "OPTIONS", "REGISTER",
        "INFO", "PRACK", "PUBLISH",
    ];

    private static readonly string[] _classes = ["1xx", "2xx", "3xx", "4xx", "5xx", "6xx"];

    public static string Method(string method)
    {
        foreach (var known in _methods)
        {
            if (known == method)
                return known;
        }

        return Other;
    }

    public static string Class(int code) => code is >= 100 and < 700 ? _classes[(code / 100) - 1] : Other;

    public static string Invitation(int code) => code switch
    {
        < 300 => "accepted",
        486 or 600 => "busy",
        403 or 603 => "declined",
        404 or 410 or 480 or 604 => "absent",
        408 => "no_answer",
        487 => "cancelled",
        >= 500 and < 600 => "failed",
        _ => Other,
    };

    public static string Of(SipEvent.EventOneofCase kind) => kind switch
    {
        SipEvent.EventOneofCase.Hello => "hello",
        SipEvent.EventOneofCase.Request => "request",
        SipEvent.EventOneofCase.Cancelled => "cancelled",
        SipEvent.EventOneofCase.Acknowledged => "acknowledged",
        SipEvent.EventOneofCase.AckTimeout => "ack_timeout",
        SipEvent.EventOneofCase.ReplySent => "reply_sent",
        SipEvent.EventOneofCase.TransactionEnded => "transaction_ended",
        SipEvent.EventOneofCase.Response => "response",
        SipEvent.EventOneofCase.Registration => "registration",
        _ => Other,
    };

    public static string Of(SipAction.ActionOneofCase kind) => kind switch
    {
        SipAction.ActionOneofCase.Hello => "hello",
        SipAction.ActionOneofCase.Reply => "reply",
        SipAction.ActionOneofCase.Decline => "decline",
        SipAction.ActionOneofCase.Originate => "originate",
        SipAction.ActionOneofCase.Cancel => "cancel",
        SipAction.ActionOneofCase.Ack => "ack",
        SipAction.ActionOneofCase.Confirm => "confirm",
        SipAction.ActionOneofCase.Pause => "pause",
        SipAction.ActionOneofCase.Relay => "relay",
        _ => Other,
    };

    public static string Of(Deferral outcome) => outcome switch
    {
        Deferral.Kept => "stored",
        Deferral.Known => "known",
        Deferral.UserFull => "user_full",
        Deferral.NodeFull => "node_full",
        _ => "unavailable",
    };

    public static string Of(Freshness freshness) => freshness switch
    {
        Freshness.Fresh => "fresh",
        Freshness.Stale => "stale",
        Freshness.Old => "old",
        _ => "unknown",
    };

    public static string Of(DeferredEnd end) => end switch
    {
        DeferredEnd.Delivered => "delivered",
        DeferredEnd.Expired => "expired",
        _ => "deleted",
    };
}
