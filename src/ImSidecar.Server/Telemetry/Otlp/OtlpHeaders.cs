namespace ImSidecar.Server.Telemetry.Otlp;

/// <summary>Header fields for the collector, NAME=VALUE, one a line of a file, for they hold a secret.</summary>
internal static class OtlpHeaders
{
    public static IEnumerable<KeyValuePair<string, string>> Read(string path)
    {
        foreach (var line in File.ReadAllLines(path))
        {
            var at = line.AsSpan().IndexOfAny('=', ':');
            if (at > 0 && line[0] != '#')
                yield return new(line[..at].Trim(), line[(at + 1)..].Trim());
        }
    }
}
