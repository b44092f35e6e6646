using System.Net;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Client.Msrp;

/// <summary>How a handset's MSRP endpoint behaves, also on purpose badly.</summary>
public sealed record MsrpOptions
{
    public IReadOnlyList<string> AcceptTypes { get; init; } = ["message/cpim"];

    public IReadOnlyList<string> AcceptWrappedTypes { get; init; } =
        ["text/plain", "message/imdn+xml", "application/im-iscomposing+xml"];

    /// <summary>Tokens of a=chatroom, RFC 7701 8: what we understand of it; null leaves the line out.</summary>
    public IReadOnlyList<string>? ChatRoom { get; init; } = ["nickname", "private-messages"];

    /// <summary>a=setup of our offer; null leaves the line out.</summary>
    public SetupRole? OfferedSetup { get; init; } = SetupRole.ActPass;

    /// <summary>Which way messages are to flow by our offer; an answer follows the peer's.</summary>
    public MediaDirection OfferedDirection { get; init; }

    /// <summary>Our part when the peer's offer leaves the choice to us.</summary>
    public SetupRole PreferredSetup { get; init; } = SetupRole.Active;

    /// <summary>Null: without TLS, and an offer of it is refused. Else we offer it, and answer as the peer offers.</summary>
    public MsrpTls? Tls { get; init; }

    /// <summary>Connects to there instead of to the peer's path, as a browser does; RFC 7977.</summary>
    public Uri? WebSocket { get; init; }

    /// <summary>Says a=msrp-cema: c= and m= say where we are, RFC 6714.</summary>
    public bool IsCema { get; init; }

    /// <summary>Where we listen and what c= says; null: as for SIP.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The host of our path where it is not our address, as behind a NAT.</summary>
    public string? PathHost { get; init; }

    public long? MaxSize { get; init; } = 1024 * 1024;

    /// <summary>Longest message put together; a longer one is stopped with 413.</summary>
    public long LongestMessage { get; init; } = 64 * 1024 * 1024;

    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads nothing from the connection until <see cref="MsrpSession.ResumeReading"/>.</summary>
    public bool StartsPaused { get; init; }

    /// <summary>As the active side, connects again by itself whenever the connection is lost.</summary>
    public bool Reconnects { get; init; }

    /// <summary>False: a re-INVITE that finds us without a connection makes us open none.</summary>
    public bool ConnectsOnReinvite { get; init; } = true;

    /// <summary>Answers a re-INVITE with a session id of its own when it has no connection.</summary>
    public bool RenewsPath { get; init; }

    /// <summary>The relay that everything goes through; null: none.</summary>
    public MsrpRelay? Relay { get; init; }

    /// <summary>Holds the answer to a chunk back until this ends; nothing more is read meanwhile.</summary>
    public Func<MsrpChunk, Task>? Hold { get; init; }

    /// <summary>After so many messages the next one is read and not answered: the connection breaks.</summary>
    public int? DiesAfter { get; init; }

    /// <summary>The answer to a chunk instead of 200; 0 answers nothing.</summary>
    public Func<MsrpChunk, int>? Answer { get; init; }
}
