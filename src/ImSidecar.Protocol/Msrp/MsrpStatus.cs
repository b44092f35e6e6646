namespace ImSidecar.Protocol.Msrp;

/// <summary>Response codes of RFC 4975 10, RFC 4976 and RFC 7701.</summary>
public static class MsrpStatus
{
    public const int Ok = 200;
    public const int BadRequest = 400;
    public const int Unauthorized = 401;
    public const int Forbidden = 403;
    public const int NotFound = 404;
    public const int Timeout = 408;

    /// <summary>Stop sending this message.</summary>
    public const int StopSending = 413;

    public const int UnsupportedMediaType = 415;
    public const int ParameterOutOfBounds = 423;
    public const int NicknameMalformed = 424;
    public const int NicknameInUse = 425;
    public const int PrivateMessagesNotSupported = 428;
    public const int NoSuchSession = 481;
    public const int NotImplemented = 501;
    public const int SessionOnOtherConnection = 506;

    public static string Comment(int status) => status switch
    {
        Ok => "OK",
        BadRequest => "Bad Request",
        Unauthorized => "Unauthorized",
        Forbidden => "Forbidden",
        NotFound => "Not Found",
        Timeout => "Timeout",
        StopSending => "Stop Sending Message",
        UnsupportedMediaType => "Unsupported Media Type",
        ParameterOutOfBounds => "Parameter Out Of Bounds",
        NicknameMalformed => "Nickname Malformed",
        NicknameInUse => "Nickname In Use",
        PrivateMessagesNotSupported => "Private Messages Not Supported",
        NoSuchSession => "Session Does Not Exist",
        NotImplemented => "Unknown Request Method",
        SessionOnOtherConnection => "Session In Use",
        _ => "",
    };
}
