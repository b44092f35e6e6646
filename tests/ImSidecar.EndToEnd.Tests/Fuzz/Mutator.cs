using System.Globalization;
using System.Text;

namespace ImSidecar.EndToEnd.Tests.Fuzz;

/// <summary>Spoils messages: bytes, tokens, header lines, structure. The same seed spoils the same way.</summary>
internal sealed class Mutator(Random random)
{
    private static readonly byte[] _marks = "\0\r\n\t \"<>;:,@=%?&()[]{}\\/*+-.~^|'`!#$\x7F"u8.ToArray();

    private static readonly string[] _numbers =
    [
        "0", "-1", "1", "255", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
        "18446744073709551616", "99999999999999999999999999", "1e9", "0x10", "٣", "",
    ];

    private static readonly string[] _lines =
    [
        "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKcydzigwkX", "v: SIP/2.0/TCP [::1]:99999;branch=",
        "Route: <sip:127.0.0.1:5070;lr>", "Record-Route: <sip:127.0.0.1:5070;lr>", "Contact: *", "m: <tel:+1>",
        "P-Asserted-Identity: <sip:alice@example.com>", "Content-Length: 5", "l: -1", "Content-Encoding: gzip",
        "Require: recipient-list-invite", "Session-Expires: 1;refresher=uac", "Min-SE: 99999999999",
        "Event: conference;id=\"", "Expires: 4294967296", "Accept-Contact: *;+g.oma.sip-im=\"a;b\"",
        "Content-Type: multipart/mixed;boundary=\"\"", "Max-Forwards: 0", "Privacy: id;user;none",
        "Replaces: a@b;to-tag=1;from-tag=2;early-only", "From: <sip:a@b>;tag=1", "CSeq: 4294967296 INVITE",
        "Subject: \u202e\ud83d\ude00%n%s${jndi:x}", " folded", ":", "X", "X-\0: y", "Supported: ,,,timer,,",
    ];

    public byte[] Spoil(byte[] message)
    {
        var spoiled = message;
        for (var times = random.Next(4); times > 0; times--)
        {
            spoiled = random.Next(4) switch
            {
                0 => SpoilBytes(spoiled),
                1 => SpoilToken(spoiled),
                2 => SpoilLine(spoiled),
                _ => SpoilStructure(spoiled),
            };
        }

        return spoiled;
    }

    private byte[] SpoilBytes(byte[] bytes)
    {
        var (at, length) = (random.Next(bytes.Length + 1), random.Next(1, 9));
        var end = Math.Min(bytes.Length, at + length);
        switch (random.Next(5))
        {
            case 0:
                return [.. bytes[..at], .. bytes[end..]];
            case 1:
                return [.. bytes[..end], .. bytes[at..]];
            case 2:
                var noise = new byte[length];
                random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[end..]];
            case 3:
                return [.. bytes[..at], _marks[random.Next(_marks.Length)], .. bytes[Math.Min(bytes.Length, at + 1)..]];
            default:
                return [.. bytes[..at], _marks[random.Next(_marks.Length)], .. bytes[at..]];
        }
    }

    // A run of letters and digits becomes another one of the message, a number, nothing, or very long.
    private byte[] SpoilToken(byte[] bytes)
    {
        if (Word(bytes) is not { } word || Word(bytes) is not { } other)
            return bytes;

        byte[] instead = random.Next(5) switch
        {
            0 => bytes[other],
            1 => [],
            2 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("A", random.Next(1, 3000)))),
            3 => [.. bytes[word], .. bytes[word]],
            _ => Encoding.UTF8.GetBytes(_numbers[random.Next(_numbers.Length)]),
        };
        return [.. bytes[..word.Start], .. instead, .. bytes[word.End..]];
    }

    private Range? Word(byte[] bytes)
    {
        if (bytes.Length == 0)
            return null;

        var start = random.Next(bytes.Length);
        var end = start;
        while (start > 0 && char.IsAsciiLetterOrDigit((char)bytes[start - 1]))
            start--;
        while (end < bytes.Length && char.IsAsciiLetterOrDigit((char)bytes[end]))
            end++;
        return start..end;
    }

    private byte[] SpoilLine(byte[] bytes)
    {
        var lines = Encoding.Latin1.GetString(bytes).Split("\r\n").ToList();
        var at = random.Next(lines.Count);
        var other = random.Next(lines.Count);
        switch (random.Next(8))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(other, lines[at]);
                break;
            case 2:
                (lines[at], lines[other]) = (lines[other], lines[at]);
                break;
            case 3:
                lines[at] = random.Next(2) == 0 ? lines[at].ToUpperInvariant() : lines[at].Replace(": ", " \t:\r\n ");
                break;
            case 4:
                lines[at] += string.Concat(Enumerable.Repeat(";p=" + at.ToString(CultureInfo.InvariantCulture), 300));
                break;
            case 5:
                lines[at] += ", " + lines[at][(lines[at].IndexOf(':') + 1)..];
                break;
            default:
                lines.Insert(at, Latin(_lines[random.Next(_lines.Length)]));
                break;
        }

        return Encoding.Latin1.GetBytes(string.Join("\r\n", lines));
    }

    private byte[] SpoilStructure(byte[] bytes)
    {
        switch (random.Next(5))
        {
            case 0:
                return bytes[..random.Next(bytes.Length + 1)];
            case 1:
                return [.. bytes, .. bytes];
            case 2:
                return Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace("\r\n", "\n"));
            case 3:
                var line = Latin(_lines[random.Next(_lines.Length)]) + "\r\n";
                var many = string.Concat(Enumerable.Repeat(line, random.Next(2, 200)));
                return Encoding.Latin1.GetBytes(Insert(Encoding.Latin1.GetString(bytes), many));
            default:
                var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
                return end < 0 ? bytes : [.. bytes[..(end + 4)], .. SpoilBytes(bytes[(end + 4)..])];
        }
    }

    private static string Insert(string message, string lines)
    {
        var end = message.IndexOf("\r\n", StringComparison.Ordinal);
        return end < 0 ? message : message.Insert(end + 2, lines);
    }

    private static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
