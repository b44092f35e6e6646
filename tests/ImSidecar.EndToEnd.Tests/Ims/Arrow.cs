using System.Diagnostics;
using System.Globalization;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>One SIP message between two ports, as the capture has it.</summary>
internal sealed record Arrow(int From, int To, string What, string Method, int CSeq)
{
    private static readonly string[] _fields =
    [
        "udp.srcport", "udp.dstport", "sip.Method", "sip.Status-Code", "sip.CSeq.method", "sip.CSeq.seq",
        "sip.Via.branch",
    ];

    /// <summary>Those with that Call-ID, in order, repetitions left out.</summary>
    public static async Task<List<Arrow>> ReadAsync(string capture, string callId)
    {
        using var tshark = Process.Start(new ProcessStartInfo("tshark",
        [
            "-n", "-r", capture, "-d", "udp.port==5101-5211,sip", "-Y", $"sip.Call-ID == \"{callId}\"",
            "-T", "fields", "-E", "separator=|", .. _fields.SelectMany(field => (string[])["-e", field]),
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = tshark.StandardError.ReadToEndAsync();
        var lines = await tshark.StandardOutput.ReadToEndAsync();
        await tshark.WaitForExitAsync();
        var arrows = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Select(Parse).ToList();
        Assert.True(arrows.Count > 0, $"nothing with {callId}: {await errors}");
        return arrows;
    }

    private static Arrow Parse(string line)
    {
        var fields = line.Split('|');
        return new(
            Number(fields[0]), Number(fields[1]), fields[2].Length > 0 ? fields[2] : fields[3], fields[4],
            Number(fields[5]));
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
