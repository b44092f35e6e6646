using ImSidecar.Core.Tests;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ImSidecar.Mutation;

/// <summary>Finds what the comments with tokens stand above.</summary>
internal static class GuardFinder
{
    public static IEnumerable<Guard> In(SyntaxTree tree, string file)
    {
        foreach (var token in tree.GetRoot().DescendantTokens())
        {
            var cited = token.LeadingTrivia
                .Where(trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia))
                .SelectMany(trivia => SpecToken.AllIn(trivia.ToString()))
                .Distinct()
                .ToArray();
            if (cited.Length == 0 || Node(token) is not { } node)
                continue;

            var line = tree.GetLineSpan(node.Span).StartLinePosition.Line + 1;
            yield return new(file, line, cited, tree, node);
        }
    }

    // The smallest thing that begins there and can be done without.
    private static SyntaxNode? Node(SyntaxToken first) =>
        first.Parent?.AncestorsAndSelf()
            .TakeWhile(node => node.GetFirstToken() == first)
            .FirstOrDefault(node => node is StatementSyntax or ArgumentSyntax or SwitchExpressionArmSyntax
                or BaseMethodDeclarationSyntax or PropertyDeclarationSyntax or CollectionElementSyntax
                or AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax })
        ?? AfterOperator(first);

    // A comment within an expression stands above an operand or a call of a chain.
    private static ExpressionSyntax? AfterOperator(SyntaxToken first) => first.Parent switch
    {
        BinaryExpressionSyntax binary when binary.OperatorToken == first => binary.Right,
        ConditionalExpressionSyntax conditional when conditional.QuestionToken == first => conditional.WhenTrue,
        ConditionalExpressionSyntax conditional => conditional.WhenFalse,
        MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } => call,
        { } parent => parent.AncestorsAndSelf().OfType<ExpressionSyntax>()
            .TakeWhile(node => node.GetFirstToken() == first).LastOrDefault(),
        null => null,
    };
}
