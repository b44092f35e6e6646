namespace ImSidecar.Core.Rules;

/// <summary>Texts of documents within an explanation: short, printable, without a quote that ends ours.</summary>
internal static class RuleText
{
    public const int MaxLength = 200;

    public static string Clean(string text) =>
        string.Concat(text.Take(MaxLength).Select(c => c is '"' or '\\' ? '\'' : c is < ' ' or > '~' ? '?' : c));

    public static string Quote(string text) => "\"" + Clean(text) + "\"";
}
