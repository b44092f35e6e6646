using System.Collections.Immutable;

namespace ImSidecar.Core.Rules;

/// <summary>What conditions ask for besides the requester.</summary>
public sealed record RuleCircumstances
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>The enabler as service-list and supported-services name it.</summary>
    public string Service { get; init; } = "IM";

    /// <summary>Media of the request by the names of XDM extensions, such as message-session.</summary>
    public ImmutableArray<string> Media { get; init; } = [];

    /// <summary>Whether members may send private messages where no rule says so.</summary>
    public bool PrivateMessagesByDefault { get; init; } = true;
}
