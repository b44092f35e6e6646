using System.Buffers;
using System.Globalization;
using System.Text;

namespace ImSidecar.Protocol.Msrp;

/// <summary>Writes requests and responses, RFC 4975 7.1 and 7.2: paths first, Content-Type last.</summary>
public static class MsrpWriter
{
    /// <summary>
    /// One chunk. The transaction identifier comes from <see cref="MsrpIdent.FreshFor(ReadOnlySpan{byte})"/>.
    /// </summary>
    public static void WriteSend(
        IBufferWriter<byte> output, string transactionId, MsrpSend send, ReadOnlySpan<byte> body,
        MsrpFlag flag = MsrpFlag.Last)
    {
        WriteStartLine(output, transactionId, "SEND");
        output.Write(send.Paths.Lines);
        WriteFields(output, send);
        if (send.ContentType is not null)
        {
            output.Write("\r\n"u8);
            output.Write(body);
            output.Write("\r\n"u8);
        }

        WriteEndLine(output, transactionId, flag);
    }

    /// <summary>A SEND without body: binds a connection, keeps it open.</summary>
    public static void WriteKeepAlive(IBufferWriter<byte> output, MsrpPaths paths, string? transactionId = null) =>
        WriteSend(
            output, transactionId ?? MsrpIdent.Fresh(), new() { Paths = paths, MessageId = MsrpIdent.Fresh() }, []);

    /// <summary>Asks for a nickname, or with an empty one for none; RFC 7701 7.</summary>
    public static void WriteNickname(
        IBufferWriter<byte> output, string transactionId, MsrpPaths paths, string nickname)
    {
        WriteStartLine(output, transactionId, "NICKNAME");
        output.Write(paths.Lines);
        Write(output, $"Use-Nickname: {UseNickname.Write(nickname)}\r\n");
        WriteEndLine(output, transactionId, MsrpFlag.Last);
    }

    /// <summary>The answer to a request, RFC 4975 7.2; false when the request does not say where it is from.</summary>
    public static bool TryWriteResponse(
        IBufferWriter<byte> output, MsrpHead request, int status, string? comment = null,
        IEnumerable<(string Name, string Value)>? fields = null)
    {
        if (request.FromPathBytes.IsEmpty || request.ToPathBytes.IsEmpty)
            return false;

        // Only SEND is answered to the next hop; what else there is goes back all the way.
        var back = request.Method == MsrpMethod.Send
            ? MsrpPaths.FirstUri(request.FromPathBytes) : request.FromPathBytes;

        output.Write("MSRP "u8);
        output.Write(request.TransactionIdBytes);
        WriteStatus(output, status, comment);
        output.Write("\r\nTo-Path: "u8);
        output.Write(back);
        output.Write("\r\nFrom-Path: "u8);
        output.Write(MsrpPaths.FirstUri(request.ToPathBytes));
        if (fields is not null)
            WriteMore(output, fields);

        output.Write("\r\n-------"u8);
        output.Write(request.TransactionIdBytes);
        output.Write("$\r\n"u8);
        return true;
    }

    /// <summary>A REPORT about these bytes of a message, RFC 4975 7.1.2.</summary>
    public static void WriteReport(
        IBufferWriter<byte> output, string transactionId, MsrpPaths paths, string messageId, ByteRange range,
        int status)
    {
        WriteStartLine(output, transactionId, "REPORT");
        output.Write(paths.Lines);
        Write(output, $"Message-ID: {messageId}\r\nByte-Range: {range}\r\n");
        Write(output, string.Create(
            CultureInfo.InvariantCulture, $"Status: 000 {status:000} {MsrpStatus.Comment(status)}\r\n"));
        WriteEndLine(output, transactionId, MsrpFlag.Last);
    }

    // Nearly all are good.
    private static void WriteStatus(IBufferWriter<byte> output, int status, string? comment)
    {
        if (status == MsrpStatus.Ok && comment is null)
            output.Write(" 200 OK"u8);
        else
            Write(output, string.Create(
                CultureInfo.InvariantCulture, $" {status:000} {comment ?? MsrpStatus.Comment(status)}"));
    }

    private static void WriteMore(IBufferWriter<byte> output, IEnumerable<(string Name, string Value)> fields)
    {
        foreach (var (name, value) in fields)
            Write(output, $"\r\n{name}: {value}");
    }

    private static void WriteFields(IBufferWriter<byte> output, MsrpSend send)
    {
        Write(output, $"Message-ID: {send.MessageId}\r\n");
        if (send.SuccessReport)
            output.Write("Success-Report: yes\r\n"u8);

        if (send.FailureReport == FailureReport.Partial)
            output.Write("Failure-Report: partial\r\n"u8);
        else if (send.FailureReport == FailureReport.No)
            output.Write("Failure-Report: no\r\n"u8);

        if (send.Range is { } range)
            Write(output, $"Byte-Range: {range}\r\n");

        if (send.ContentType is not null)
            Write(output, $"Content-Type: {send.ContentType}\r\n");
    }

    private static void WriteStartLine(IBufferWriter<byte> output, string transactionId, string method) =>
        Write(output, $"MSRP {transactionId} {method}\r\n");

    private static void WriteEndLine(IBufferWriter<byte> output, string transactionId, MsrpFlag flag) =>
        Write(output, $"-------{transactionId}{(char)flag}\r\n");

    private static void Write(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
