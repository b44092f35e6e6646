using System.Security.Cryptography;

namespace ImSidecar.Client.Sip;

/// <summary>Random identifiers: tags, branches, Call-IDs, MSRP transaction ids.</summary>
internal static class Token
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    public static string New(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    public static string NewBranch() => "z9hG4bK" + New(20);
}
