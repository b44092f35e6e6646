using System.Collections.Immutable;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Messages;

/// <summary>The parts of a page message that differ from what is stored.</summary>
public sealed record MessageChanges : AggregateChanges
{
    /// <summary>Null: as it was.</summary>
    public PageContent? Content { get; init; }

    public ImmutableArray<Recipient> Recipients { get; init; } = [];

    /// <summary>Compares by reference: a rule that touched a part has made a new one.</summary>
    public static MessageChanges Between(PageMessage? before, PageMessage? after)
    {
        if (after is null)
            return new() { Head = null };

        return new()
        {
            Head = after,
            Content = ReferenceEquals(before?.Content, after.Content) ? null : after.Content,
            Recipients = ReferenceEquals(before?.Recipients, after.Recipients)
                ? []
                : [.. after.Recipients.Values
                    .Where(each => !ReferenceEquals(before?.Recipients.GetValueOrDefault(each.Id), each))],
        };
    }
}
