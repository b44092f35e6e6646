namespace ImSidecar.Core.Rules;

/// <summary>Which of the rules that match take part.</summary>
public enum Precedence
{
    /// <summary>
    /// Rules that name the requester before rules with lists, these before other-identity; rules without a condition of
    /// identity always. XDM Core.
    /// </summary>
    Oma,

    /// <summary>All of them; other-identity where none names the requester. RFC 4745 10.</summary>
    Rfc4745,
}
