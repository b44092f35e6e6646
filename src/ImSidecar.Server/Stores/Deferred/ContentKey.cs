using System.Security.Cryptography;
using System.Text;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>An operator's key for what is kept, AES-256, and the name it goes by in each row.</summary>
internal sealed record ContentKey(string Id, ReadOnlyMemory<byte> Value)
{
    public const int Length = 32;

    private const int LongestFile = 4096;
    private const int IdBytes = 8;

    private const UnixFileMode Others =
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    public static ContentKey Of(ReadOnlySpan<byte> value) => new(NameOf(value), value.ToArray());

    /// <summary>32 bytes as base64 or hexadecimal digits, in a file that not everybody may read.</summary>
    public static bool TryRead(string path, out ContentKey key, out string error)
    {
        key = null!;
        error = "";
        try
        {
            if (!Path.IsPathFullyQualified(path))
                error = "is not an absolute path";
            else if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
                error = "may be read or written by others; its mode has to be 0640 or less";
            else if (!TryDecode(Text(path), out var value))
                error = "does not hold 32 bytes as base64 or hexadecimal digits";
            else
                key = Of(value);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            error = exception is FileNotFoundException or DirectoryNotFoundException
                ? "does not exist"
                : "cannot be read";
        }

        return error.Length == 0;
    }

    private static string Text(string path)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[LongestFile];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Encoding.ASCII.GetString(bytes, 0, length).Trim();
    }

    private static bool TryDecode(string text, out byte[] value)
    {
        value = new byte[Length];
        if (text.Length == Length * 2)
            return Convert.FromHexString(text, value, out _, out var digits) == System.Buffers.OperationStatus.Done
                && digits == Length;

        return Convert.TryFromBase64String(text, value, out var length) && length == Length;
    }

    // It tells nothing of the key.
    private static string NameOf(ReadOnlySpan<byte> value) => Convert.ToHexStringLower(
        HMACSHA256.HashData(value, "imsidecar deferred message key"u8).AsSpan(0, IdBytes));
}
