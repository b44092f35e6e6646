using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.EndToEnd.Tests.Crowd;

/// <summary>Documents that differ in their version alone are read once for a whole crowd.</summary>
internal static class CrowdDocuments
{
    private const int MostKept = 256;

    private static readonly ConcurrentDictionary<string, ConferenceInfo> _known = [];

    public static bool TryRead(ReadOnlyMemory<byte> body, out ConferenceInfo document)
    {
        var slot = body.Span.IndexOf("\" version=\""u8) + "\" version=\"".Length;
        var length = body.Span[slot..].IndexOf((byte)'"');
        if (length < 0 || !uint.TryParse(
            Encoding.ASCII.GetString(body.Span.Slice(slot, length)), NumberStyles.None,
            CultureInfo.InvariantCulture, out var version))
            return ConferenceInfoXml.TryParse(body, out document);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(body.Span[..slot]);
        hash.AppendData(body.Span[(slot + length)..]);
        var key = Convert.ToHexString(hash.GetHashAndReset());
        if (!_known.TryGetValue(key, out document!))
        {
            if (!ConferenceInfoXml.TryParse(body, out document))
                return false;

            if (_known.Count >= MostKept)
                _known.Clear();
            _known[key] = document;
        }

        document = document with { Version = version };
        return true;
    }
}
