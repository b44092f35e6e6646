using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace ImSidecar.Mutation;

/// <summary>The rules as a compilation, and what they are with one guard less.</summary>
internal sealed class Rules
{
    private readonly CSharpCompilation _compilation;

    /// <param name="root">The repository, built.</param>
    /// <param name="tests">Where the tests of the rules are, with all that they need.</param>
    public Rules(string root, string tests)
    {
        var options = new CSharpParseOptions(LanguageVersion.CSharp14);
        var folder = Path.Combine(root, "src", "ImSidecar.Core");
        var trees = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal)
                || path.Contains("/obj/Release/net10.0/ImSidecar.Core.", StringComparison.Ordinal))
            .Select(path => CSharpSyntaxTree.ParseText(
                SourceText.From(File.ReadAllText(path)), options, Path.GetRelativePath(root, path)))
            .ToList();
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':')
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)
                || Path.GetFileName(path) is "netstandard.dll" or "mscorlib.dll");
        _compilation = CSharpCompilation.Create(
            "ImSidecar.Core",
            trees,
            platform.Append(Path.Combine(tests, "ImSidecar.Protocol.dll"))
                .Select(path => MetadataReference.CreateFromFile(path)),
            new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        if (Errors(_compilation).FirstOrDefault() is { } error)
            throw new InvalidOperationException($"The rules do not compile here: {error}");
    }

    public IEnumerable<Guard> Guards() =>
        _compilation.SyntaxTrees.OrderBy(tree => tree.FilePath, StringComparer.Ordinal)
            .SelectMany(tree => GuardFinder.In(tree, tree.FilePath));

    /// <summary>The assembly without the guard; false if no way to disable it compiles.</summary>
    public bool TryEmitWithout(Guard guard, string path, [NotNullWhen(true)] out SourceEdit? made)
    {
        foreach (var edit in Weakening.Of(guard.Node))
        {
            var text = guard.Tree.GetText().WithChanges(new TextChange(edit.Place, edit.Text));
            var compilation = _compilation.ReplaceSyntaxTree(guard.Tree, guard.Tree.WithChangedText(text));
            if (compilation.Emit(path).Success)
            {
                made = edit;
                return true;
            }
        }

        made = null;
        return false;
    }

    private static IEnumerable<Diagnostic> Errors(CSharpCompilation compilation) =>
        compilation.GetDiagnostics().Where(each => each.Severity == DiagnosticSeverity.Error);
}
