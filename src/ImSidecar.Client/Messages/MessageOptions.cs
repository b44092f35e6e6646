using ImSidecar.Protocol.ResourceLists;

namespace ImSidecar.Client.Messages;

/// <summary>How a page-mode message goes out.</summary>
public sealed record MessageOptions
{
    /// <summary>A list server is to send it to these, RFC 5365; empty: it goes to whom it is addressed to.</summary>
    public IReadOnlyList<ResourceListEntry> Recipients { get; init; } = [];

    /// <summary>The text in a CPIM message; always so when notifications are asked for.</summary>
    public bool IsCpim { get; init; }

    /// <summary>What is to be notified, RFC 5438 6.2: "positive-delivery, display"; null: nothing.</summary>
    public string? Notify { get; init; }

    /// <summary>Another id than one of ours.</summary>
    public string? MessageId { get; init; }

    /// <summary>CPIM From, when it is another than the sender's address.</summary>
    public string? CpimFrom { get; init; }

    /// <summary>These take the place of ours with the same name; null removes them.</summary>
    public IReadOnlyList<(string Name, string? Value)> Headers { get; init; } = [];
}
