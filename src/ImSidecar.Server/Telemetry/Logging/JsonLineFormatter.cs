using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ImSidecar.Core.Conferences;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ImSidecar.Server.Telemetry.Logging;

/// <summary>
/// One object in one line: time, level, category, number and name of the entry, the conference or what else it is
/// about, the Call-ID, the message, what was thrown. What else the message names is in "data".
/// </summary>
internal sealed class JsonLineFormatter() : ConsoleFormatter(nameof(LogFormat.Json))
{
    private static readonly JsonWriterOptions _options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line, _options))
        {
            json.WriteStartObject();
            json.WriteString("time", DateTime.UtcNow);
            json.WriteString("level", logEntry.LogLevel.ToString());
            json.WriteString("category", logEntry.Category);
            json.WriteNumber("eventId", logEntry.EventId.Id);
            if (logEntry.EventId.Name is { } name)
                json.WriteString("event", name);
            if (logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> fields)
                WriteNamed(json, fields);
            json.WriteString("message", logEntry.Formatter(logEntry.State, logEntry.Exception));
            if (logEntry.Exception is { } exception)
                json.WriteString("exception", exception.ToString());
            json.WriteEndObject();
        }

        textWriter.Write(Encoding.UTF8.GetString(line.WrittenSpan));
        textWriter.Write('\n');
    }

    private static void WriteNamed(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        foreach (var (name, value) in fields)
        {
            if (value is AggregateId id)
                json.WriteString(id.Kind == AggregateKind.Conference ? "conference" : "aggregate", id.Value);
            else if (name == "CallId" && value is string { Length: > 1 } callId)
                json.WriteString("callId", callId);
        }

        if (!fields.Any(IsData))
            return;

        json.WriteStartObject("data");
        foreach (var (name, value) in fields.Where(IsData))
            json.WriteString(JsonNamingPolicy.CamelCase.ConvertName(name), value?.ToString());
        json.WriteEndObject();
    }

    private static bool IsData(KeyValuePair<string, object?> field) =>
        field.Value is not AggregateId && field.Key is not ("CallId" or "Kind" or "{OriginalFormat}");
}
