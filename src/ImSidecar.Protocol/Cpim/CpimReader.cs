using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;

namespace ImSidecar.Protocol.Cpim;

/// <summary>Reads the header block of a message/cpim body, RFC 3862 2 and 3.</summary>
public ref struct CpimReader
{
    private const string CoreNamespace = "urn:ietf:params:cpim-headers:";

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ImmutableArray<(string, string)>.Builder _fields;
    private readonly ImmutableArray<CpimAddress>.Builder _to;
    private readonly ImmutableArray<Range>.Builder _lines;
    private readonly ImmutableArray<int>.Builder _toFields;
    private HashSet<string>? _corePrefixes;
    private int _fromField;
    private int _lineStart;
    private CpimAddress? _from;
    private string? _contentType;
    private bool _hasDateTime;
    private bool _isDefaultCore;
    private bool _isEncoded;
    private int _insertAt;
    private int _at;

    private CpimReader(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _fields = ImmutableArray.CreateBuilder<(string, string)>();
        _to = ImmutableArray.CreateBuilder<CpimAddress>();
        _lines = ImmutableArray.CreateBuilder<Range>();
        _toFields = ImmutableArray.CreateBuilder<int>();
        _isDefaultCore = true;
    }

    /// <summary>The caller bounds how many bytes it offers before it gives up.</summary>
    public static CpimResult Read(ReadOnlySpan<byte> bytes, out CpimHead head)
    {
        head = null!;
        var reader = new CpimReader(bytes);
        var result = reader.ReadBlock();
        if (result != CpimResult.Read)
            return result;

        if (reader._from is null || reader._to.Count == 0)
            return CpimResult.Malformed;

        head = new()
        {
            From = reader._from,
            To = reader._to.ToImmutable(),
            HasDateTime = reader._hasDateTime,
            ContentType = reader._contentType ?? CpimHead.DefaultContentType,
            IsEncoded = reader._isEncoded,
            Length = reader._at,
            InsertAt = reader._insertAt,
            Fields = reader._fields.ToImmutable(),
            Lines = reader._lines.ToImmutable(),
            FromField = reader._fromField,
            ToFields = reader._toFields.ToImmutable(),
        };
        return CpimResult.Read;
    }

    private CpimResult ReadBlock()
    {
        var result = ReadLines(isContent: false);

        // Some write Content-Type among the message headers, as an example of RFC 4975 does: then the content follows.
        return result == CpimResult.Read && _contentType is null ? ReadLines(isContent: true) : result;
    }

    private CpimResult ReadLines(bool isContent)
    {
        while (true)
        {
            var length = _bytes[_at..].IndexOf("\r\n"u8);
            if (length < 0)
                return CpimResult.NeedMore;

            var line = _bytes.Slice(_at, length);
            _lineStart = _at;
            _at += length + 2;
            if (length == 0)
                return CpimResult.Read;

            if (HasControls(line) || !Utf8.IsValid(line) || !TryReadLine(Encoding.UTF8.GetString(line), isContent))
                return CpimResult.Malformed;
        }
    }

    private bool TryReadLine(string line, bool isContent)
    {
        // A folded line of the content's headers; message headers are never folded.
        if (line[0] is ' ' or '\t')
            return isContent;

        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || line.AsSpan(0, colon).ContainsAny(" \t"))
            return false;

        var name = line[..colon];
        var value = WithoutParameters(line.AsSpan(colon + 1)).Trim();
        if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            return TryTakeContentType(value.ToString());

        // RFC 2045 6.1: whatever its case.
        _isEncoded |= name.Equals("Content-Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
            && !IsIdentity(value);
        if (isContent)
            return true;

        _fields.Add((name, value.ToString()));
        _lines.Add(_lineStart.._at);
        if (CoreName(name) is { } core)
            return TryTakeCore(core, value);

        // Who does not know of namespaces would take it for who it is from.
        return !name.Equals("From", StringComparison.OrdinalIgnoreCase);
    }

    private bool TryTakeCore(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (name.Equals("NS", StringComparison.OrdinalIgnoreCase))
            return TryTakeNamespace(value);

        if (name.Equals("From", StringComparison.OrdinalIgnoreCase))
        {
            _fromField = _fields.Count - 1;
            return _from is null && CpimAddress.TryParse(value, out _from) && Mark();
        }

        if (name.Equals("To", StringComparison.OrdinalIgnoreCase)
            || name.Equals("cc", StringComparison.OrdinalIgnoreCase))
        {
            if (!CpimAddress.TryParse(value, out var to))
                return false;

            _to.Add(to);
            _toFields.Add(_fields.Count - 1);
            return Mark();
        }

        _hasDateTime |= name.Equals("DateTime", StringComparison.OrdinalIgnoreCase);
        return true;
    }

    private bool Mark()
    {
        if (_isDefaultCore)
            _insertAt = _at;

        return true;
    }

    private bool TryTakeContentType(string value)
    {
        if (_contentType is not null || value.Length == 0)
            return false;

        _contentType = value;
        return true;
    }

    // NS: prefix <uri>, or NS: <uri> for what has no prefix from here on.
    private bool TryTakeNamespace(ReadOnlySpan<char> value)
    {
        var open = value.IndexOf('<');
        if (open < 0 || value[^1] != '>')
            return false;

        var isCore = value[(open + 1)..^1].Equals(CoreNamespace, StringComparison.OrdinalIgnoreCase);
        var prefix = value[..open].Trim().ToString();
        if (prefix.Length == 0)
            _isDefaultCore = isCore;
        else if (isCore)
            (_corePrefixes ??= []).Add(prefix);
        else
            _corePrefixes?.Remove(prefix);

        return true;
    }

    // NS itself is always core; a prefix may stand for the core namespace, so that x.From is a From too.
    private readonly string? CoreName(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
            return _corePrefixes is { } prefixes && prefixes.Contains(name[..dot]) ? name[(dot + 1)..] : null;

        return _isDefaultCore || name == "NS" ? name : null;
    }

    // Name:;lang=en value
    private static bool IsIdentity(ReadOnlySpan<char> encoding) =>
        encoding.Equals("7bit", StringComparison.OrdinalIgnoreCase)
        || encoding.Equals("8bit", StringComparison.OrdinalIgnoreCase)
        || encoding.Equals("binary", StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> WithoutParameters(ReadOnlySpan<char> value)
    {
        if (!value.StartsWith(";"))
            return value;

        var blank = value.IndexOf(' ');
        return blank < 0 ? [] : value[blank..];
    }

    // A bare CR or LF inside a line would be the end of the line for a careless reader.
    private static bool HasControls(ReadOnlySpan<byte> line)
    {
        foreach (var each in line)
        {
            if (each is < 0x20 and not (byte)'\t' or 0x7F)
                return true;
        }

        return false;
    }
}
