using ImSidecar.Protocol.Imdn;

namespace ImSidecar.Core.Messages;

/// <summary>What became of the message for one recipient, an imdn document; empty once the sender was told.</summary>
public sealed record Notice(NotificationKind Kind, ReadOnlyMemory<byte> Content)
{
    public bool IsTold { get; init; }

    /// <summary>Who reports it does not want to be named.</summary>
    public bool IsNameless { get; init; }

    /// <summary>We say so ourselves: it did not reach him.</summary>
    public bool IsOurs { get; init; }
}
