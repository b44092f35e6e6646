using System.Buffers;
using System.Text;

namespace ImSidecar.Protocol.Msrp;

/// <summary>Finds the end-line of one transaction: seven hyphens, its own identifier, flag; RFC 4975 7.1.</summary>
internal sealed class EndLine
{
    private const int LongestPattern = 9 + MsrpIdent.MaxLength;

    // Behind the pattern: flag, CR, LF.
    private const int Rest = 3;

    private readonly byte[] _pattern = new byte[LongestPattern];
    private int _length;

    internal enum Match
    {
        No,
        Yes,

        /// <summary>So far yes, but the buffer ends.</summary>
        Undecided,
    }

    private static ReadOnlySpan<byte> Hyphens => "\r\n-------"u8;

    /// <summary>Length of the end-line with the CRLF before and behind it.</summary>
    public int Length => _length + Rest;

    private ReadOnlySpan<byte> Pattern => _pattern.AsSpan(0, _length);

    public void Expect(ReadOnlySpan<byte> transactionId)
    {
        Hyphens.CopyTo(_pattern);
        transactionId.CopyTo(_pattern.AsSpan(Hyphens.Length));
        _length = Hyphens.Length + transactionId.Length;
    }

    /// <summary>Whether the body holds what would end it under this identifier.</summary>
    public static bool Occurs(ReadOnlySpan<byte> body, string transactionId)
    {
        // Hardly any body holds the hyphens; one that begins with them would follow the CRLF of the blank line.
        if (body.IndexOf(Hyphens[2..]) < 0)
            return false;

        return body.IndexOf(Encoding.ASCII.GetBytes("-------" + transactionId)) >= 0;
    }

    public Match At(in ReadOnlySequence<byte> buffer, long offset, out MsrpFlag flag)
    {
        Span<byte> window = stackalloc byte[LongestPattern + Rest];
        var available = (int)Math.Min(Length, buffer.Length - offset);
        window = window[..available];
        buffer.Slice(offset, available).CopyTo(window);

        flag = default;
        var compared = Math.Min(available, _length);
        if (!window[..compared].SequenceEqual(Pattern[..compared]))
            return Match.No;

        if (available > _length)
            flag = (MsrpFlag)window[_length];

        if (available > _length && flag is not (MsrpFlag.Last or MsrpFlag.More or MsrpFlag.Abort)
            || available > _length + 1 && window[_length + 1] != '\r'
            || available > _length + 2 && window[_length + 2] != '\n')
            return Match.No;

        return available == Length ? Match.Yes : Match.Undecided;
    }

    /// <summary>Looks for the end-line; what lies before <paramref name="at"/> is body in any case.</summary>
    public Match Find(in ReadOnlySequence<byte> buffer, out long at)
    {
        var offset = 0L;
        foreach (var memory in buffer)
        {
            var span = memory.Span;
            for (var from = 0; from < span.Length; from++)
            {
                var found = NextCandidate(span, from);
                if (found < 0)
                    break;

                from = found;
                at = offset + from;
                if (At(buffer, at, out _) is var match and not Match.No)
                    return match;
            }

            offset += span.Length;
        }

        at = offset;
        return Match.No;
    }

    // The whole pattern, or a CR so near to the end of the segment that the pattern may go on in the next one.
    private int NextCandidate(ReadOnlySpan<byte> span, int from)
    {
        var whole = span[from..].IndexOf(Pattern);
        if (whole >= 0)
            return from + whole;

        from = Math.Max(from, span.Length - _length + 1);
        var cr = span[from..].IndexOf((byte)'\r');
        return cr < 0 ? -1 : from + cr;
    }
}
