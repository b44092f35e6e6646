using System.Text.Json;
using System.Text.Json.Serialization;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Stores.Format;

/// <summary>A header field as ["name", "value"].</summary>
internal sealed class SipHeaderConverter : JsonConverter<SipHeader>
{
    public override SipHeader Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<string[]>(ref reader, options) is [{ } name, { } value]
            ? new(name, value)
            : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, SipHeader value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value.Name);
        writer.WriteStringValue(value.Value);
        writer.WriteEndArray();
    }
}

/// <summary>Header fields as a list of fields.</summary>
internal sealed class SipHeadersConverter : JsonConverter<SipHeaders>
{
    public override SipHeaders Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new([.. JsonSerializer.Deserialize<SipHeader[]>(ref reader, options) ?? throw new JsonException()]);

    public override void Write(Utf8JsonWriter writer, SipHeaders value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize<IEnumerable<SipHeader>>(writer, value, options);
}
