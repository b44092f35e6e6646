namespace ImSidecar.Client.Chat;

/// <summary>What a status of MSRP means to a person, RFC 4975 10 and RFC 7701 11.</summary>
internal static class MsrpReason
{
    public static string Of(int status) => status switch
    {
        400 => "400, the server does not understand it",
        403 => "403, not allowed",
        404 => "404, nobody of that address is here",
        408 => "408, no answer",
        413 => "413, too large",
        415 => "415, somebody cannot take this type",
        424 => "424, that is no name or too long",
        425 => "425, the name is taken or not yours to use",
        428 => "428, his client does not take private messages",
        481 => "481, the session is gone",
        501 => "501, not done here",
        _ => $"{status}",
    };
}
