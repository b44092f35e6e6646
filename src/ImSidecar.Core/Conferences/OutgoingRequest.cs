using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>A request of ours before Kamailio adds Via and Content-Length.</summary>
public sealed record OutgoingRequest
{
    public required string Method { get; init; }

    public required SipUri Uri { get; init; }

    /// <summary>From without tag.</summary>
    public required string From { get; init; }

    public required string FromTag { get; init; }

    /// <summary>To without tag.</summary>
    public required string To { get; init; }

    /// <summary>Empty outside a dialog; such a request goes to the configured next hop.</summary>
    public string ToTag { get; init; } = "";

    public required string CallId { get; init; }

    public required long CSeq { get; init; }

    public required SipHeaders Headers { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>To a user of ours without asking what he lets through: he has asked for it himself.</summary>
    public bool IsAboveRules { get; init; }

    public bool IsInitial => ToTag.Length == 0;
}
