using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace ImSidecar.Protocol.Msrp;

/// <summary>Start line and header fields of a request or response, RFC 4975 7, in the bytes they came in.</summary>
public sealed class MsrpHead
{
    private readonly byte[] _bytes;

    internal MsrpHead(byte[] bytes) => _bytes = bytes;

    /// <summary>None for a response.</summary>
    public MsrpMethod Method { get; internal set; }

    /// <summary>Code of a response; 0 for a request.</summary>
    public int Status { get; internal set; }

    public bool IsRequest => Method != MsrpMethod.None;

    /// <summary>A blank line follows: there is a body, though it may have no bytes.</summary>
    public bool HasBody { get; internal set; }

    /// <summary>What is wrong with the head, if anything; a request is then answered 400.</summary>
    public MsrpFault Fault { get; internal set; }

    public ByteRange? Range { get; internal set; }

    /// <summary>Success-Report: yes.</summary>
    public bool SuccessReport { get; internal set; }

    public FailureReport FailureReport { get; internal set; }

    public string TransactionId => Encoding.ASCII.GetString(TransactionIdBytes);

    public string MessageId => Encoding.ASCII.GetString(MessageIdBytes);

    /// <summary>Content-Type as written; empty when there is none.</summary>
    public string ContentType => Encoding.UTF8.GetString(ContentTypeBytes);

    public ReadOnlySpan<byte> TransactionIdBytes => Text(TransactionIdField);

    public ReadOnlySpan<byte> MessageIdBytes => Text(MessageIdField);

    public ReadOnlySpan<byte> ContentTypeBytes => Text(ContentTypeField);

    /// <summary>To-Path as written: one or more URIs with blanks between.</summary>
    public ReadOnlySpan<byte> ToPathBytes => Text(ToPathField);

    public ReadOnlySpan<byte> FromPathBytes => Text(FromPathField);

    /// <summary>Use-Nickname as written, RFC 7701 7; empty when there is none.</summary>
    public ReadOnlySpan<byte> UseNicknameBytes => Text(UseNicknameField);

    /// <summary>To-Path read; empty when it is no list of URIs.</summary>
    public ImmutableArray<MsrpUri> ToPath => ReadPath(ToPathBytes);

    public ImmutableArray<MsrpUri> FromPath => ReadPath(FromPathBytes);

    /// <summary>Everything up to the blank line or the end-line, as it came in.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>What follows the transaction identifier on the start line, with its CRLF.</summary>
    public ReadOnlySpan<byte> StartLineRest
    {
        get
        {
            var rest = _bytes.AsSpan(TransactionIdField.End.Value);
            return rest[..(rest.IndexOf("\r\n"u8) + 2)];
        }
    }

    /// <summary>Every field behind From-Path, each with its CRLF; only of a head without fault.</summary>
    public ReadOnlySpan<byte> FieldsBehindPaths
    {
        get
        {
            var rest = _bytes.AsSpan(FromPathField.End.Value);
            return rest[(rest.IndexOf("\r\n"u8) + 2)..];
        }
    }

    internal Range TransactionIdField { get; set; }

    internal Range ToPathField { get; set; }

    internal Range FromPathField { get; set; }

    internal Range MessageIdField { get; set; }

    internal Range ContentTypeField { get; set; }

    internal Range UseNicknameField { get; set; }

    /// <summary>The code in a Status field of a REPORT, <c>000 200 OK</c>; 0 when there is none.</summary>
    public int ReportStatus { get; internal set; }

    /// <summary>There are MIME fields besides Content-Type.</summary>
    public bool HasMimeFields { get; internal set; }

    /// <summary>The MIME fields besides Content-Type in order, RFC 4975 9: Content-Disposition and its like.</summary>
    public IEnumerable<(string Name, string Value)> MimeFields => !HasMimeFields ? [] : Fields.Where(each =>
        each.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        && !each.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase));

    /// <summary>The value of the first field with this name, whatever its case; null when there is none.</summary>
    public string? Find(string name)
    {
        foreach (var (each, value) in Fields)
        {
            if (each.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }

    /// <summary>Every well-formed header field, in order.</summary>
    public IEnumerable<(string Name, string Value)> Fields
    {
        get
        {
            foreach (var line in Encoding.UTF8.GetString(_bytes).Split("\r\n").Skip(1))
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon > 0)
                    yield return (line[..colon], line[(colon + 1)..].Trim());
            }
        }
    }

    public override string ToString() => Encoding.UTF8.GetString(_bytes);

    private static ImmutableArray<MsrpUri> ReadPath(ReadOnlySpan<byte> field) =>
        MsrpUri.TryParsePath(field, out var path) ? path : [];

    private ReadOnlySpan<byte> Text(Range field) => _bytes.AsSpan(field);
}
