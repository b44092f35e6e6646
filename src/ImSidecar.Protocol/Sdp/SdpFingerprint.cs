using System.Collections.Immutable;

namespace ImSidecar.Protocol.Sdp;

/// <summary>The values of a=fingerprint, RFC 8122 5: the name of a hash, a blank, its bytes in hexadecimal.</summary>
public static class SdpFingerprint
{
    private const int MaxValues = 8;
    private const int MaxBytes = 64;

    /// <summary>True when somebody who has another certificate cannot have made it the same.</summary>
    public static bool IsStrong(string fingerprint) =>
        fingerprint.Split(' ') is [var name, var bytes] && name.ToUpperInvariant() switch
        {
            "SHA-256" => bytes.Length == (3 * 32) - 1,
            "SHA-384" => bytes.Length == (3 * 48) - 1,
            "SHA-512" => bytes.Length == (3 * 64) - 1,
            _ => false,
        };

    /// <summary>All of the media, or else of the session; false when one cannot be read.</summary>
    internal static bool TryReadAll(
        SessionDescription session, SdpMedia media, out ImmutableArray<string> fingerprints) =>
        TryReadAll(media.Lines, out fingerprints)
        && (!fingerprints.IsEmpty || TryReadAll(session.Lines, out fingerprints));

    private static bool TryReadAll(ImmutableArray<SdpLine> lines, out ImmutableArray<string> fingerprints)
    {
        var read = ImmutableArray.CreateBuilder<string>();
        foreach (var line in lines)
        {
            if (line.ValueOf("fingerprint") is { } value && (read.Count == MaxValues || !TryAdd(value, read)))
            {
                fingerprints = [];
                return false;
            }
        }

        fingerprints = read.DrainToImmutable();
        return true;
    }

    private static bool TryAdd(string value, ImmutableArray<string>.Builder read)
    {
        if (value.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var name, var bytes]
            || !name.All(each => char.IsAsciiLetterOrDigit(each) || each == '-')
            || !AreBytes(bytes))
            return false;

        read.Add($"{name} {bytes.ToUpperInvariant()}");
        return true;
    }

    private static bool AreBytes(string text)
    {
        if (text.Length % 3 != 2 || text.Length > (3 * MaxBytes) - 1)
            return false;

        for (var i = 0; i < text.Length; i++)
        {
            if (i % 3 == 2 ? text[i] != ':' : !char.IsAsciiHexDigit(text[i]))
                return false;
        }

        return true;
    }
}
