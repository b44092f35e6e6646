using ImSidecar.Core.Tests;
using Microsoft.CodeAnalysis;

namespace ImSidecar.Mutation;

/// <summary>A piece of a rule that a comment with a token stands above.</summary>
internal sealed record Guard(string File, int Line, SpecToken[] Tokens, SyntaxTree Tree, SyntaxNode Node)
{
    public override string ToString() => $"{File}:{Line}";
}
