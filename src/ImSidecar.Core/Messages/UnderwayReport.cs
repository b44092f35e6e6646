using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Messages;

/// <summary>A report to the sender that he has not answered for good; its CSeq counts how often it was sent.</summary>
public sealed record UnderwayReport(string Id, OutgoingRequest Request)
{
    /// <summary>Set while it waits for its answer: until when.</summary>
    public DateTimeOffset? AnswerBy { get; init; }

    /// <summary>When it is to be sent again; null: it is not.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}
