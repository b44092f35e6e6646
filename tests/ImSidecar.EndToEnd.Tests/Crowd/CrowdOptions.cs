namespace ImSidecar.EndToEnd.Tests.Crowd;

/// <summary>What the users of a crowd are like.</summary>
internal sealed record CrowdOptions
{
    public int Ports { get; init; } = 16;

    /// <summary>Every so many ports one is UDP, the others TCP.</summary>
    public int UdpShare { get; init; } = 4;

    /// <summary>Those behind the UDP ports take no TCP connection.</summary>
    public bool IsUdpDeaf { get; init; }

    /// <summary>More for each Contact: it makes rosters large.</summary>
    public string ContactParameters { get; init; } = "";

    /// <summary>Who makes an MSRP connection, by number.</summary>
    public Func<int, bool> Connects { get; init; } = _ => true;
}
