namespace ImSidecar.Protocol.Msrp;

/// <summary>Finds where a head ends: before a blank line, or before a line that begins as an end-line.</summary>
internal static class HeadEnd
{
    private static ReadOnlySpan<byte> Hyphens => "-------"u8;

    /// <summary>
    /// Length of the head with the CRLF of its last line; negative when more is needed. <paramref name="scanned"/> is
    /// where to go on then, so that a head that trickles in is not read again and again.
    /// </summary>
    public static int Find(ReadOnlySpan<byte> window, ref int scanned, out bool hasBody)
    {
        hasBody = false;
        while (true)
        {
            var crlf = window[scanned..].IndexOf("\r\n"u8);
            if (crlf < 0)
            {
                // The CR may be here already.
                scanned = Math.Max(scanned, window.Length - 1);
                return -1;
            }

            var next = scanned + crlf + 2;
            var line = window[next..];
            if (line.StartsWith("\r\n"u8))
            {
                hasBody = true;
                return next;
            }

            if (line.StartsWith(Hyphens))
                return next;

            if (line.Length < Hyphens.Length && (Hyphens.StartsWith(line) || "\r\n"u8.StartsWith(line)))
            {
                scanned = next - 2;
                return -1;
            }

            scanned = next;
        }
    }
}
