namespace ImSidecar.Protocol.Tests;

/// <summary>The files of tests/vectors.</summary>
internal static class Vectors
{
    public static string Root { get; } = Find();

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Root, name));

    public static IEnumerable<string> Names(string folder, string pattern = "*") =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern)
            .Select(path => Path.GetRelativePath(Root, path))
            .Order(StringComparer.Ordinal);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "tests", "vectors")))
                return Path.Combine(folder.FullName, "tests", "vectors");

        throw new DirectoryNotFoundException("tests/vectors is not above " + AppContext.BaseDirectory);
    }
}
