using System.Globalization;
using System.Text;

namespace ImSidecar.Client.Msrp;

/// <summary>A CPIM message, RFC 3862: message headers, then one MIME entity.</summary>
public sealed record CpimMessage(string From, string To, string ContentType, ReadOnlyMemory<byte> Content)
{
    public string Text => Encoding.UTF8.GetString(Content.Span);

    /// <summary>The message headers in order.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public static bool TryParse(ReadOnlyMemory<byte> body, out CpimMessage message)
    {
        message = null!;
        var first = body.Span.IndexOf("\r\n\r\n"u8);
        if (first < 0)
            return false;

        var entity = body[(first + 4)..];
        var headers = Lines(body.Span[..first]);
        var second = entity.Span.IndexOf("\r\n\r\n"u8);
        if (second < 0 || Find(headers, "From") is not { } from || Find(headers, "To") is not { } to)
            return false;

        var contentType = Find(Lines(entity.Span[..second]), "Content-Type") ?? "text/plain";
        message = new(from, to, contentType, entity[(second + 4)..]) { Headers = headers };
        return true;
    }

    public byte[] ToBytes()
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"From: {From}\r\nTo: {To}\r\n");
        foreach (var (name, value) in Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"\r\nContent-Type: {ContentType}\r\n\r\n");
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. Content.Span];
    }

    private static List<(string Name, string Value)> Lines(ReadOnlySpan<byte> head)
    {
        var headers = new List<(string Name, string Value)>();
        foreach (var line in Encoding.UTF8.GetString(head).Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                headers.Add((line[..colon], line[(colon + 1)..].Trim()));
        }

        return headers;
    }

    private static string? Find(List<(string Name, string Value)> headers, string name) =>
        headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(header => header.Value).FirstOrDefault();
}
