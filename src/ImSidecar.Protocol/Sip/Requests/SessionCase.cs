namespace ImSidecar.Protocol.Sip.Requests;

/// <summary>Which half of a session's way a request is on, as the Route of an S-CSCF says; 3GPP TS 24.229 5.4.3.</summary>
public enum SessionCase
{
    /// <summary>No such Route: by who asks and by Request-URI.</summary>
    Unspecified,

    /// <summary>For who sent it.</summary>
    Originating,

    /// <summary>For whom it is addressed to.</summary>
    Terminating,
}
