namespace ImSidecar.Protocol.Sip;

/// <summary>
/// Splits a header value at a separator outside quotes and angle brackets, RFC 3261 7.3.1; empty parts are skipped.
/// </summary>
public ref struct SipList(ReadOnlySpan<char> text, char separator)
{
    private ReadOnlySpan<char> _rest = text;
    private readonly char _separator = separator;

    public ReadOnlySpan<char> Current { get; private set; }

    public readonly SipList GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            var end = EndOfPart(_rest, _separator);
            Current = _rest[..end].Trim();
            _rest = end < _rest.Length ? _rest[(end + 1)..] : [];
            if (!Current.IsEmpty)
                return true;
        }

        return false;
    }

    private static int EndOfPart(ReadOnlySpan<char> text, char separator)
    {
        var quoted = false;
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c == '\\')
                    i++;
                else if (c == '"')
                    quoted = false;
                continue;
            }

            if (c == separator && depth == 0)
                return i;
            quoted = c == '"';
            depth += c == '<' ? 1 : c == '>' && depth > 0 ? -1 : 0;
        }

        return text.Length;
    }
}
