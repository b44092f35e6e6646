using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ImSidecar.Protocol.Tests.Msrp;

/// <summary>
/// Random MSRP: right, odd and spoiled frames, and where their bytes are cut. IMSIDECAR_FUZZ_MINUTES and IMSIDECAR_FUZZ_SEED
/// say how much of it and which (`make fuzz`).
/// </summary>
internal static class MsrpGen
{
    private const string To = "{to}";
    private const string From = "{from}";

    private static readonly string[] _methods = ["SEND", "SEND", "SEND", "SEND", "REPORT", "NICKNAME", "AUTH", "VISIT"];
    private static readonly string[] _ids = ["t1aa", "t2bb", "x", "a.b+c%d=e-f"];
    private static readonly string[] _messages = ["m1aa", "m2bb", "m3cc"];

    private static readonly string[] _ranges =
        ["1-*/*", "1-*/{n}", "1-{n}/{n}", "1-{n}/*", "1-{n}/9999", "{n}-*/*", "1-0/0", "0-1/1", "2-3", "*-1/1"];

    private static readonly string[] _extras =
    [
        "", "", "", "", "Success-Report: yes\r\n", "Failure-Report: no\r\n", "Failure-Report: partial\r\n", "X-Y: z\r\n",
        "Content-Disposition: render\r\n", "Status: 000 200 OK\r\n", "Use-Nickname: \"n\"\r\n", "no colon\r\n",
        "Message-ID: twice\r\n", "Failure-Report: perhaps\r\n",
    ];

    private static readonly string[] _types = ["message/cpim", "message/cpim", "text/plain", "a/b", "", "nothing"];

    private static readonly string[] _contents =
    [
        "", "x", "hello\r\n", "\r\n-------t1aa$\r\n", "\r\n-------t1aa", "-------", "\r", "\r\n", "MSRP t1aa SEND\r\n",
        "\r\n-------t2bb+\r\nMSRP", "\0\x7f\x80", "Grüße",
    ];

    private static readonly string[] _cpim =
    [
        "From: <sip:mallory@example.com>\r\nTo: <sip:g1@groups.example.com>\r\n\r\nContent-Type: text/plain\r\n\r\n",
        "From: <sip:mallory@example.com>\r\nTo: <sip:bob@example.com>\r\nDateTime: 2026-11-20T09:30:00Z\r\n\r\n\r\n",
        "From: <sip:mallory@example.com>\r\nTo: <sip:g1@groups.example.com>\r\n\r\nContent-Type: image/png\r\n\r\n",
        "From: <sip:other@example.com>\r\nTo: <sip:g1@groups.example.com>\r\n\r\n\r\n", "From: nobody\r\n\r\n", "", "",
    ];

    private static readonly byte[] _marks = "\r\n-$+#: */0x\0\xFF"u8.ToArray();

    public static int Seed { get; } = Number("IMSIDECAR_FUZZ_SEED", 4975);

    private static int Minutes { get; } = Number("IMSIDECAR_FUZZ_MINUTES", 0);

    /// <summary>Templates of frames, with {to} and {from} where the paths belong.</summary>
    public static Gen<string> Frames { get; } =
        from method in Gen.Elements(_methods)
        from id in Gen.Elements(_ids)
        from message in Gen.Elements(_messages)
        from range in Gen.Elements(_ranges)
        from extra in Gen.Elements(_extras)
        from type in Gen.Elements(_types)
        from head in Gen.Elements(_cpim)
        from content in Gen.ListOf(Gen.Elements(_contents))
        from flag in Gen.Elements('$', '$', '+', '#', '!')
        from isAnswer in Gen.Choose(0, 9)
        select isAnswer == 0
            ? $"MSRP {id} 200 OK\r\nTo-Path: {To}\r\nFrom-Path: {From}\r\n-------{id}$\r\n"
            : Request(
                $"MSRP {id} {method}\r\nTo-Path: {To}\r\nFrom-Path: {From}\r\n{(method == "NICKNAME" ? "" : $"Message-ID: {message}\r\n")}",
                extra, range, type, (type == "message/cpim" ? head : "") + string.Concat(content), id, flag);

    /// <summary>What is done to the bytes: how many of a thousand come before it, and what.</summary>
    public static Gen<(int At, int What)[]> Edits { get; } = Gen.Frequency(
        (2, Gen.Constant(Array.Empty<(int, int)>())),
        (3, Gen.ArrayOf(from at in Gen.Choose(0, 999) from what in Gen.Choose(0, 99) select (at, what))));

    public static Gen<int[]> Cuts { get; } = Gen.ArrayOf(Gen.Frequency(
        (3, Gen.Choose(1, 9)), (2, Gen.Choose(1, 200)), (1, Gen.Choose(1, 70_000))));

    public static byte[] Spoil(byte[] bytes, IEnumerable<(int At, int What)> edits)
    {
        foreach (var (thousandth, what) in edits)
        {
            var at = bytes.Length * thousandth / 1000;
            var mark = _marks[what % _marks.Length];
            bytes = (what / 20) switch
            {
                0 => [.. bytes[..at], mark, .. bytes[Math.Min(bytes.Length, at + 1)..]],
                1 => [.. bytes[..at], mark, .. bytes[at..]],
                2 => [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + what)..]],
                3 => [.. bytes[..at], .. bytes[Math.Max(0, at - what)..]],
                _ => bytes[..Math.Max(at, bytes.Length / 2)],
            };
        }

        return bytes;
    }

    /// <summary>Each of these cases in one run; more when somebody fuzzes for a time.</summary>
    public static void Check(this Property property, int cases, int perMinute) => property.Check(
        Config.QuickThrowOnFailure
            .WithReplay(new Replay(new Rnd((ulong)Seed), null))
            .WithMaxTest(Minutes > 0 ? Minutes * perMinute : cases));

    private static string Request(
        string start, string extra, string range, string type, string body, string id, char flag)
    {
        var length = Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture);
        var head = $"{start}{extra}Byte-Range: {range.Replace("{n}", length, StringComparison.Ordinal)}\r\n";
        return type.Length == 0
            ? $"{head}-------{id}{flag}\r\n"
            : $"{head}Content-Type: {type}\r\n\r\n{body}\r\n-------{id}{flag}\r\n";
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number)
            ? number : otherwise;
}
