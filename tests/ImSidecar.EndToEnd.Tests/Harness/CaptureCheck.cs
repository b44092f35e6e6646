using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ImSidecar.Protocol.Tests;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>What Wireshark and the RFC 4575 schema have against a finished capture.</summary>
internal sealed class CaptureCheck(Capture capture)
{
    // Ports that Wireshark does not know by itself.
    private static readonly string[] _decodeAs =
        ["-d", "udp.port==5070,sip", "-d", "tcp.port==5070,sip", "-d", "tcp.port==2855,msrp"];

    private static readonly string _conferenceInfo =
        Convert.ToHexStringLower("application/conference-info+xml"u8.ToArray());

    public async Task<IReadOnlyList<string>> FindFaultsAsync()
    {
        var faults = new List<string>();
        if (await CountAsync("sip") == 0)
            faults.Add("the capture holds no SIP: nothing was checked");

        faults.AddRange(await FindMalformedAsync());
        faults.AddRange(await FindInvalidConferenceInfoAsync());
        return faults;
    }

    private async Task<IEnumerable<string>> FindMalformedAsync()
    {
        var lines = await TsharkAsync(
            "-Y", "_ws.malformed or _ws.expert.severity == \"Error\"", "-T", "fields", "-E", "separator=|",
            "-e", "frame.number", "-e", "udp.srcport", "-e", "tcp.srcport", "-e", "udp.dstport", "-e", "tcp.dstport",
            "-e", "frame.protocols", "-e", "_ws.expert.message", "-e", "_ws.col.Info");
        return lines.Select(line => line.Split('|'))
            .Where(field => !IsExempt(Port(field[1], field[2]), Port(field[3], field[4])))
            .Select(field => $"packet {field[0]} ({field[5]}): {field[6]}: {field[7]}");
    }

    private async Task<IEnumerable<string>> FindInvalidConferenceInfoAsync()
    {
        var packets = await TsharkAsync(
            "-Y", "sip.Content-Type contains \"conference-info\"", "-T", "jsonraw", "-J", "frame sip");
        using var document = JsonDocument.Parse(string.Concat(packets));
        return document.RootElement.EnumerateArray()
            .Select(packet => packet.GetProperty("_source").GetProperty("layers"))
            .SelectMany(Messages)
            .Where(message => message.GetRawText().Contains(_conferenceInfo))
            .SelectMany(message => Bodies(message).SelectMany(body => Schemas.ConferenceInfo.Errors(body)))
            .ToList();
    }

    // A TCP segment may hold several messages of whatever kind: the layer is then a list, or there are several.
    private static IEnumerable<JsonElement> Messages(JsonElement layers) =>
        layers.EnumerateObject().Where(layer => layer.NameEquals("sip")).SelectMany(layer =>
            layer.Value.ValueKind == JsonValueKind.Array ? layer.Value.EnumerateArray() : Enumerable.Repeat(layer.Value, 1));

    private static IEnumerable<byte[]> Bodies(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
            return element.EnumerateArray().SelectMany(Bodies);
        if (element.ValueKind != JsonValueKind.Object)
            return [];

        return element.EnumerateObject().SelectMany(property =>
            property.NameEquals("sip.msg_body_raw") ? Hex(property.Value) : Bodies(property.Value));
    }

    private static IEnumerable<byte[]> Hex(JsonElement value) => value[0].ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().SelectMany(Hex)
        : [Convert.FromHexString(value[0].GetString()!)];

    private bool IsExempt(int from, int to) => capture.Exemptions.Any(
        exemption => exemption.Port == from || (exemption.AnswersToo && exemption.Port == to));

    private static int Port(string udp, string tcp) =>
        int.Parse(udp.Length > 0 ? udp : tcp, NumberStyles.None, CultureInfo.InvariantCulture);

    // Much else may come before: clients of earlier flows that still try to connect by MSRP.
    private async Task<int> CountAsync(string filter) => (await TsharkAsync("-Y", filter, "-c", "100000")).Count;

    private async Task<List<string>> TsharkAsync(params IEnumerable<string> arguments)
    {
        // By chance a handset has the port of that.
        string[] all = ["-n", "-2", "-r", capture.File, "--disable-protocol", "elasticsearch", .. _decodeAs, .. arguments];
        using var tshark = Process.Start(new ProcessStartInfo("tshark", all)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = tshark.StandardError.ReadToEndAsync();
        var output = await tshark.StandardOutput.ReadToEndAsync();
        await tshark.WaitForExitAsync();
        return tshark.ExitCode == 0
            ? [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)]
            : throw new InvalidOperationException($"tshark failed: {(await errors).Trim()}");
    }
}
