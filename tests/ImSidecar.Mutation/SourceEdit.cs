using Microsoft.CodeAnalysis.Text;

namespace ImSidecar.Mutation;

/// <summary>What stands in a place instead.</summary>
internal readonly record struct SourceEdit(TextSpan Place, string Text)
{
    /// <summary>Nothing better was found: a value that a rule cannot go on with.</summary>
    public bool IsEmptyValue => Text.EndsWith(Weakening.Nothing, StringComparison.Ordinal);
}
