using System.Collections.Immutable;
using System.Net.Http.Headers;
using ImSidecar.Digest;

namespace ImSidecar.Server.Telemetry.Otlp;

/// <summary>Header fields for the collector, NAME=VALUE, one a line of a file, for they hold a secret.</summary>
internal static class OtlpHeaders
{
    private const int MaxFileBytes = 64 * 1024;

    /// <summary>False: the error tells the line, never what is in it.</summary>
    public static bool TryRead(
        string path, out ImmutableArray<KeyValuePair<string, string>> fields, out string error)
    {
        (fields, error) = ([], "");
        string[] lines;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxFileBytes })
            {
                error = "is too large";
                return false;
            }

            lines = File.ReadAllLines(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            error = FileProblem.Of(path, failure);
            return false;
        }

        using var request = new HttpRequestMessage();
        for (var i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]) || lines[i][0] == '#')
                continue;

            if (!TryParse(lines[i], request.Headers, out var field))
            {
                error = $"has no header field of a request, NAME=VALUE, in line {i + 1}";
                return false;
            }

            fields = fields.Add(field);
        }

        return true;
    }

    private static bool TryParse(string line, HttpRequestHeaders headers, out KeyValuePair<string, string> field)
    {
        var at = line.AsSpan().IndexOfAny('=', ':');
        field = at > 0 ? new(line[..at].Trim(), line[(at + 1)..].Trim()) : default;
        return at > 0 && headers.TryAddWithoutValidation(field.Key, field.Value);
    }
}
