namespace ImSidecar.Server.Admin;

/// <summary>How much one answer holds: what is long comes a page at a time.</summary>
internal static class Pages
{
    /// <summary>Of conferences that are looked into for a page: a rare user costs more pages, not a longer one.</summary>
    public const int MostLookedAt = 5000;

    private const int LongestToken = 256;

    public static int Limit(int asked, int usual, int most) => asked switch
    {
        0 => usual,
        _ when asked > 0 && asked <= most => asked,
        _ => throw AdminError.Invalid($"The limit is between 1 and {most}"),
    };

    public static string Token(string token) =>
        token.Length <= LongestToken && !token.Any(char.IsControl)
            ? token
            : throw AdminError.Invalid("That is no place in the list");
}
