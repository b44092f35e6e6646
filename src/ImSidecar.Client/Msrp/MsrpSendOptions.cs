using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Client.Msrp;

/// <summary>How to send one message.</summary>
public sealed record MsrpSendOptions
{
    public string? MessageId { get; init; }

    public int ChunkSize { get; init; } = 2048;

    public bool WantsSuccessReport { get; init; }

    public FailureReport FailureReport { get; init; } = FailureReport.Yes;

    /// <summary>Gives the message up behind that many chunks: the last one carries "#".</summary>
    public int? AbortsAfter { get; init; }

    /// <summary>Stops behind that many chunks without a last one: a message that is cut.</summary>
    public int? CutsAfter { get; init; }
}
