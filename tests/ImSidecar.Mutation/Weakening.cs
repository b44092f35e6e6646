using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ImSidecar.Mutation;

/// <summary>The ways to disable a guard, the best first; not each of them compiles everywhere.</summary>
internal static class Weakening
{
    public const string Nothing = "default!";

    public static IEnumerable<SourceEdit> Of(SyntaxNode node) => node switch
    {
        IfStatementSyntax statement => OfIf(statement),
        ReturnStatementSyntax { Expression: { } result } => OfValue(result),
        LocalDeclarationStatementSyntax { Declaration.Variables: [{ Initializer.Value: { } value }] } => OfValue(value),
        StatementSyntax statement => [new(statement.Span, ";")],
        ArgumentSyntax argument => OfArgument(argument),
        CollectionElementSyntax element => OfElement(element),
        AssignmentExpressionSyntax assignment => OfValue(assignment.Right),
        SwitchExpressionArmSyntax arm => [.. OfValue(arm.Expression)],
        MethodDeclarationSyntax { ExpressionBody.Expression: { } value } => OfValue(value),
        PropertyDeclarationSyntax { ExpressionBody.Expression: { } value } => OfValue(value),
        BaseMethodDeclarationSyntax { Body: { } body } => OfBody(body),
        ExpressionSyntax { Parent: BinaryExpressionSyntax } operand => OfOperand(operand),
        ExpressionSyntax value => OfValue(value),
        _ => [],
    };

    // Without the condition, or if what follows needs what the condition found, with an empty answer.
    private static IEnumerable<SourceEdit> OfIf(IfStatementSyntax statement) =>
    [
        new(statement.Condition.Span, $"false && ({statement.Condition})"),
        .. statement.Statement is ReturnStatementSyntax { Expression: { } result } ? OfValue(result) : [],
    ];

    private static IEnumerable<SourceEdit> OfValue(ExpressionSyntax value) =>
    [
        .. Weaker(value).Select(weaker => new SourceEdit(value.Span, weaker)),
        new(value.Span, $"false ? {value} : {Nothing}"),
        new(value.Span, Nothing),
    ];

    private static IEnumerable<string> Weaker(ExpressionSyntax value) => value switch
    {
        WithExpressionSyntax with => [with.Expression.ToString()],
        ConditionalExpressionSyntax choice => [$"!({choice.Condition}) ? {choice.WhenTrue} : {choice.WhenFalse}"],
        BinaryExpressionSyntax logic when logic.Kind() is SyntaxKind.LogicalAndExpression
            or SyntaxKind.LogicalOrExpression => [$"!({value})"],
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } either => [either.Right.ToString()],
        SwitchExpressionSyntax { Arms: [.., var last] } => [last.Expression.ToString()],
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax chain } => OfChain(chain),
        _ => [],
    };

    // decision.Then(...), headers.With(...): what was there before.
    private static IEnumerable<string> OfChain(MemberAccessExpressionSyntax chain) =>
        chain.Name.Identifier.Text is "Then" or "And" or "With" or "WithVisible" or "Where" or "Take"
            ? [chain.Expression.ToString()]
            : [];

    private static IEnumerable<SourceEdit> OfOperand(ExpressionSyntax operand) =>
        operand.Parent is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalOrExpression }
            ? [new(operand.Span, "false")]
            : [new(operand.Span, "true"), .. OfValue(operand)];

    private static IEnumerable<SourceEdit> OfArgument(ArgumentSyntax argument) =>
        argument.Expression is TupleExpressionSyntax
            ? [new(argument.Span, "(\"X-Disabled\", \"1\")")]
            : OfValue(argument.Expression);

    private static IEnumerable<SourceEdit> OfElement(CollectionElementSyntax element) => element switch
    {
        SpreadElementSyntax => [new(element.Span, "..Array.Empty<object>()"), new(element.Span, ".. default(int[])!")],
        ExpressionElementSyntax { Expression: { } value } => OfValue(value),
        _ => [],
    };

    private static IEnumerable<SourceEdit> OfBody(BlockSyntax body) =>
    [
        .. body.Statements.OfType<ReturnStatementSyntax>().LastOrDefault() is { Expression: { } result }
            ? OfValue(result)
            : [],
        new(new(body.OpenBraceToken.Span.End, 0), " return; "),
    ];
}
