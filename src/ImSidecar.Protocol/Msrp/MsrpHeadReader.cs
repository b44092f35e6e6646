using System.Buffers;

namespace ImSidecar.Protocol.Msrp;

/// <summary>Reads the lines of a head into an <see cref="MsrpHead"/>, RFC 4975 9.</summary>
internal ref struct MsrpHeadReader
{
    private static readonly SearchValues<byte> _nameChars = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`{|}~"u8);

    private static readonly SearchValues<byte> _controls = SearchValues.Create(
        "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012"u8
        + "\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\u007F"u8);

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly MsrpHead _head;
    private int _at;
    private int _line;
    private Seen _seen;

    private MsrpHeadReader(byte[] bytes)
    {
        _bytes = bytes;
        _head = new(bytes);
    }

    [Flags]
    private enum Seen
    {
        None = 0,
        ToPath = 1,
        FromPath = 2,
        MessageId = 4,
        ByteRange = 8,
        SuccessReport = 16,
        FailureReport = 32,
        ContentType = 64,
        Status = 128,
        UseNickname = 256,
    }

    /// <summary>False when the start line is none: then not even the transaction is known.</summary>
    public static bool TryRead(byte[] bytes, bool hasBody, out MsrpHead head)
    {
        var reader = new MsrpHeadReader(bytes);
        head = reader._head;
        if (!reader.TryReadStartLine())
            return false;

        head.HasBody = hasBody;
        while (reader._at < bytes.Length)
            reader.ReadField();

        reader.CheckWhole();
        return true;
    }

    private bool TryReadStartLine()
    {
        var line = NextLine(out var start);
        if (!line.StartsWith("MSRP "u8) || line.ContainsAny(_controls))
            return false;

        var rest = line[5..];
        var blank = rest.IndexOf((byte)' ');
        if (blank < 0 || !MsrpIdent.IsValid(rest[..blank]))
            return false;

        _head.TransactionIdField = (start + 5)..(start + 5 + blank);
        return TryReadMethodOrStatus(rest[(blank + 1)..]);
    }

    private readonly bool TryReadMethodOrStatus(ReadOnlySpan<byte> text)
    {
        if (text.Length >= 3 && IsDigits(text[..3]) && (text.Length == 3 || text[3] == ' '))
        {
            _head.Status = ReadCode(text);
            return true;
        }

        if (text.IsEmpty || text.ContainsAnyExceptInRange((byte)'A', (byte)'Z'))
            return false;

        _head.Method = text.SequenceEqual("SEND"u8) ? MsrpMethod.Send
            : text.SequenceEqual("REPORT"u8) ? MsrpMethod.Report
            : text.SequenceEqual("NICKNAME"u8) ? MsrpMethod.Nickname
            : text.SequenceEqual("AUTH"u8) ? MsrpMethod.Auth
            : MsrpMethod.Unknown;
        return true;
    }

    private void ReadField()
    {
        var line = NextLine(out var start);
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(_nameChars) || line.ContainsAny(_controls))
        {
            Fail(MsrpFault.HeaderLine);
            return;
        }

        var from = colon + 1;
        var to = line.Length;
        while (from < to && line[from] is (byte)' ' or (byte)'\t')
            from++;
        while (to > from && line[to - 1] is (byte)' ' or (byte)'\t')
            to--;

        _line++;
        Take(line[..colon], line[from..to], (start + from)..(start + to));
    }

    private void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, Range field)
    {
        if (Is(name, "To-Path"u8) && Once(Seen.ToPath))
            TakePath(1, _head.ToPathField = field);
        else if (Is(name, "From-Path"u8) && Once(Seen.FromPath))
            TakePath(2, _head.FromPathField = field);
        else if (Is(name, "Message-ID"u8) && Once(Seen.MessageId))
            TakeMessageId(value, field);
        else if (Is(name, "Byte-Range"u8) && Once(Seen.ByteRange))
            TakeRange(value);
        else if (Is(name, "Success-Report"u8) && Once(Seen.SuccessReport))
            TakeSuccessReport(value);
        else if (Is(name, "Failure-Report"u8) && Once(Seen.FailureReport))
            TakeFailureReport(value);
        else if (Is(name, "Content-Type"u8) && Once(Seen.ContentType))
            _head.ContentTypeField = field;
        else if (Is(name, "Status"u8) && Once(Seen.Status))
            TakeStatus(value);
        else if (Is(name, "Use-Nickname"u8) && Once(Seen.UseNickname))
            _head.UseNicknameField = field;
        else if (name.Length > 8 && Is(name[..8], "Content-"u8))
            _head.HasMimeFields = true;
    }

    // The two paths are the first two fields, in this order.
    private readonly void TakePath(int line, Range field)
    {
        if (_line != line || _bytes[field].IsEmpty)
            Fail(MsrpFault.Paths);
    }

    private readonly void TakeMessageId(ReadOnlySpan<byte> value, Range field)
    {
        if (MsrpIdent.IsValid(value))
            _head.MessageIdField = field;
        else
            Fail(MsrpFault.MessageId);
    }

    private readonly void TakeRange(ReadOnlySpan<byte> value)
    {
        if (ByteRange.TryParse(value, out var range))
            _head.Range = range;
        else
            Fail(MsrpFault.ByteRange);
    }

    private readonly void TakeSuccessReport(ReadOnlySpan<byte> value)
    {
        _head.SuccessReport = Is(value, "yes"u8);
        if (!_head.SuccessReport && !Is(value, "no"u8))
            Fail(MsrpFault.Report);
    }

    private readonly void TakeFailureReport(ReadOnlySpan<byte> value)
    {
        if (Is(value, "no"u8))
            _head.FailureReport = FailureReport.No;
        else if (Is(value, "partial"u8))
            _head.FailureReport = FailureReport.Partial;
        else if (!Is(value, "yes"u8))
            Fail(MsrpFault.Report);
    }

    // Namespace, code, comment: 000 200 OK. Of the codes of another namespace nothing is known.
    private readonly void TakeStatus(ReadOnlySpan<byte> value)
    {
        if (value.Length < 7 || !IsDigits(value[..3]) || value[3] != ' ' || !IsDigits(value[4..7])
            || value.Length > 7 && value[7] != ' ')
            Fail(MsrpFault.StatusHeader);
        else if (value[..3].SequenceEqual("000"u8))
            _head.ReportStatus = ReadCode(value[4..]);
    }

    private readonly void CheckWhole()
    {
        if ((_seen & (Seen.ToPath | Seen.FromPath)) != (Seen.ToPath | Seen.FromPath))
            Fail(MsrpFault.Paths);

        if (_head.Method is MsrpMethod.Send or MsrpMethod.Report && (_seen & Seen.MessageId) == 0)
            Fail(MsrpFault.MessageId);

        if (_head.HasBody && (_seen & Seen.ContentType) == 0)
            Fail(MsrpFault.ContentType);
    }

    private bool Once(Seen field)
    {
        if ((_seen & field) != 0)
            Fail(MsrpFault.DuplicateHeader);

        _seen |= field;
        return true;
    }

    // The first fault is the one to tell.
    private readonly void Fail(MsrpFault fault)
    {
        if (_head.Fault == MsrpFault.None)
            _head.Fault = fault;
    }

    private ReadOnlySpan<byte> NextLine(out int start)
    {
        start = _at;
        var length = _bytes[_at..].IndexOf("\r\n"u8);
        _at += length + 2;
        return _bytes.Slice(start, length);
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerOrUpper) =>
        System.Text.Ascii.EqualsIgnoreCase(text, lowerOrUpper);

    private static bool IsDigits(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static int ReadCode(ReadOnlySpan<byte> text) =>
        (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}
