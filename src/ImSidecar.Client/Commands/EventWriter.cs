using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImSidecar.Client.Commands;

/// <summary>Writes what happens to a handset, one JSON object per line.</summary>
internal sealed class EventWriter(TextWriter output)
{
    private static readonly JsonSerializerOptions _json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Lock _gate = new();

    public void Write(string name, params ReadOnlySpan<(string Key, JsonNode? Value)> fields)
    {
        var line = new JsonObject { ["event"] = name };
        foreach (var (key, value) in fields)
        {
            if (value is not null)
                line[key] = value;
        }

        lock (_gate)
        {
            output.WriteLine(line.ToJsonString(_json));
            output.Flush();
        }
    }
}
