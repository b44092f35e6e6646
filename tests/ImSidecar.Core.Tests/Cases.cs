namespace ImSidecar.Core.Tests;

/// <summary>The cases of a closed hierarchy.</summary>
internal static class Cases
{
    public static IEnumerable<Type> Of(Type hierarchy) => hierarchy.Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(hierarchy))
        .OrderBy(type => type.Name, StringComparer.Ordinal);
}
