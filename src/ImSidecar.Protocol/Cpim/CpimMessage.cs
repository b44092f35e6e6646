using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace ImSidecar.Protocol.Cpim;

/// <summary>A message/cpim body to be written, RFC 3862 2.</summary>
public sealed record CpimMessage
{
    public required CpimAddress From { get; init; }

    public required ImmutableArray<CpimAddress> To { get; init; }

    public DateTimeOffset? DateTime { get; init; }

    /// <summary>Further message headers, NS lines before those that use their prefix.</summary>
    public ImmutableArray<(string Name, string Value)> Fields { get; init; } = [];

    public string ContentType { get; init; } = CpimHead.DefaultContentType;

    public string? ContentDisposition { get; init; }

    public ReadOnlyMemory<byte> Content { get; init; }

    public void WriteTo(IBufferWriter<byte> output)
    {
        Write(output, $"From: {From}\r\n");
        foreach (var to in To)
            Write(output, $"To: {to}\r\n");

        if (DateTime is { } time)
            Write(output, DateTimeLine(time));

        foreach (var (name, value) in Fields)
            Write(output, $"{name}: {value}\r\n");

        Write(output, $"\r\nContent-Type: {ContentType}\r\n");
        if (ContentDisposition is not null)
            Write(output, $"Content-Disposition: {ContentDisposition}\r\n");

        Write(output, "\r\n");
        output.Write(Content.Span);
    }

    /// <summary>A DateTime header with its CRLF, RFC 3339 in UTC.</summary>
    public static string DateTimeLine(DateTimeOffset time) =>
        time.UtcDateTime.ToString("'DateTime: 'yyyy-MM-dd'T'HH:mm:ss.fff'Z\r\n'", CultureInfo.InvariantCulture);

    private static void Write(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
