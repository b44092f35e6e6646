using System.Text.RegularExpressions;
using ImSidecar.Protocol.Tests;

namespace ImSidecar.Core.Tests;

/// <summary>The files of this repository, for tests that read sources and tables.</summary>
internal static partial class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Vectors.Root, "..", ".."));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static bool Has(string path) => File.Exists(Path.Combine(Root, path));

    /// <summary>The C# files below a folder, without what the build makes.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(path => !Built().IsMatch(path))
            .Order(StringComparer.Ordinal);

    /// <summary>The text of a source file without its comments and the contents of its strings.</summary>
    public static string Code(string path) => CommentsAndStrings().Replace(Read(path), "\"\"");

    [GeneratedRegex(@"(^|/)(bin|obj)/")]
    private static partial Regex Built();

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/|""(\\.|[^""\\\n])*""", RegexOptions.Singleline)]
    private static partial Regex CommentsAndStrings();
}
