using System.Collections.Immutable;

namespace ImSidecar.Protocol.Cpim;

/// <summary>The header block of a message/cpim body, RFC 3862 2: both sets, up to the content.</summary>
public sealed class CpimHead
{
    /// <summary>What a content without Content-Type is.</summary>
    public const string DefaultContentType = "text/plain";

    public required CpimAddress From { get; init; }

    public required ImmutableArray<CpimAddress> To { get; init; }

    public required bool HasDateTime { get; init; }

    /// <summary>Content-Type of the content, as written.</summary>
    public required string ContentType { get; init; }

    /// <summary>The content is not in its own bytes: it has a Content-Transfer-Encoding such as base64.</summary>
    public bool IsEncoded { get; init; }

    /// <summary>Bytes of the block with its last blank line: where the content begins.</summary>
    public required int Length { get; init; }

    /// <summary>Where one more message header may be put in without changing what the others mean.</summary>
    public required int InsertAt { get; init; }

    /// <summary>Message headers as written: name with its prefix, value.</summary>
    public required ImmutableArray<(string Name, string Value)> Fields { get; init; }

    /// <summary>Where each of the fields stands, with the end of its line.</summary>
    public required ImmutableArray<Range> Lines { get; init; }

    /// <summary>Which of the fields is From.</summary>
    public required int FromField { get; init; }

    /// <summary>Which of the fields are To and cc, in the order of <see cref="To"/>.</summary>
    public required ImmutableArray<int> ToFields { get; init; }

    public string? Find(string name)
    {
        foreach (var (each, value) in Fields)
        {
            if (each == name)
                return value;
        }

        return null;
    }
}
