using System.Diagnostics;
using System.Security.Cryptography;
using ImSidecar.Server.Stores.Deferred;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>Files with keys, as an operator makes them.</summary>
internal static class Files
{
    public static string Key(bool isHexadecimal = false)
    {
        var value = RandomNumberGenerator.GetBytes(ContentKey.Length);
        return Write(isHexadecimal ? Convert.ToHexString(value) : Convert.ToBase64String(value) + "\n");
    }

    public static string Write(string text, string mode = "600")
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        using var chmod = Process.Start("chmod", [mode, path]);
        chmod.WaitForExit();
        return path;
    }
}
