namespace ImSidecar.Protocol.Sip;

/// <summary>A status code with its reason phrase, RFC 3261 21 and the extensions we answer with.</summary>
public readonly record struct SipStatus(int Code, string Reason)
{
    public static readonly SipStatus Trying = new(100, "Trying");
    public static readonly SipStatus Ringing = new(180, "Ringing");
    public static readonly SipStatus Ok = new(200, "OK");
    public static readonly SipStatus Accepted = new(202, "Accepted");
    public static readonly SipStatus NoNotification = new(204, "No Notification");
    public static readonly SipStatus BadRequest = new(400, "Bad Request");
    public static readonly SipStatus Forbidden = new(403, "Forbidden");
    public static readonly SipStatus NotFound = new(404, "Not Found");
    public static readonly SipStatus MethodNotAllowed = new(405, "Method Not Allowed");
    public static readonly SipStatus NotAcceptable = new(406, "Not Acceptable");
    public static readonly SipStatus RequestTimeout = new(408, "Request Timeout");
    public static readonly SipStatus RequestEntityTooLarge = new(413, "Request Entity Too Large");
    public static readonly SipStatus UnsupportedMediaType = new(415, "Unsupported Media Type");
    public static readonly SipStatus UnsupportedUriScheme = new(416, "Unsupported URI Scheme");
    public static readonly SipStatus BadExtension = new(420, "Bad Extension");
    public static readonly SipStatus SessionIntervalTooSmall = new(422, "Session Interval Too Small");
    public static readonly SipStatus IntervalTooBrief = new(423, "Interval Too Brief");
    public static readonly SipStatus TemporarilyUnavailable = new(480, "Temporarily Unavailable");
    public static readonly SipStatus NoSuchDialog = new(481, "Call/Transaction Does Not Exist");
    public static readonly SipStatus LoopDetected = new(482, "Loop Detected");
    public static readonly SipStatus BusyHere = new(486, "Busy Here");
    public static readonly SipStatus RequestTerminated = new(487, "Request Terminated");
    public static readonly SipStatus NotAcceptableHere = new(488, "Not Acceptable Here");
    public static readonly SipStatus BadEvent = new(489, "Bad Event");
    public static readonly SipStatus RequestPending = new(491, "Request Pending");
    public static readonly SipStatus ServerInternalError = new(500, "Server Internal Error");
    public static readonly SipStatus ServiceUnavailable = new(503, "Service Unavailable");
    public static readonly SipStatus Decline = new(603, "Decline");

    private static readonly SipStatus[] _known =
    [
        BadRequest, Forbidden, NotFound, MethodNotAllowed, RequestTimeout, RequestEntityTooLarge, UnsupportedMediaType,
        UnsupportedUriScheme, BadExtension, SessionIntervalTooSmall, IntervalTooBrief, TemporarilyUnavailable,
        NoSuchDialog, LoopDetected, BusyHere, RequestTerminated, NotAcceptableHere, BadEvent, RequestPending,
        ServerInternalError, ServiceUnavailable, Decline,
    ];

    /// <summary>The final refusal of that code; with the phrase of its class if we never send it ourselves.</summary>
    public static SipStatus Refusal(int code)
    {
        foreach (var status in _known)
        {
            if (status.Code == code)
                return status;
        }

        return new(code, code < 500 ? "Request Failure" : code < 600 ? "Server Failure" : "Global Failure");
    }

    public bool IsProvisional => Code < 200;

    public bool IsSuccess => Code is >= 200 and < 300;

    public bool IsFinal => Code >= 200;

    public override string ToString() => Code + " " + Reason;
}
