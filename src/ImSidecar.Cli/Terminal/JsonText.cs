using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ImSidecar.Cli.Terminal;

/// <summary>
/// A message of the contract as JSON: its names, which stay; every field but those not chosen; numbers as numbers, times
/// in ISO 8601, null what is not known, bytes as the text they hold.
/// </summary>
internal static class JsonText
{
    private const string Seconds = "_at";

    private static readonly JsonSerializerOptions _options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default,
    };

    public static string Of(IMessage message) => ObjectOf(message).ToJsonString(_options);

    private static JsonObject ObjectOf(IMessage message)
    {
        var json = new JsonObject();
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.RealContainingOneof is { } choice && choice.Accessor.GetCaseFieldDescriptor(message) != field)
                continue;

            json[field.JsonName] = ValueOf(field, message);
        }

        return json;
    }

    private static JsonNode? ValueOf(FieldDescriptor field, IMessage message)
    {
        var value = field.Accessor.GetValue(message);
        if (field.IsRepeated)
            return new JsonArray([.. ((IList)value).Cast<object>().Select(each => NodeOf(field, each))]);

        return field.HasPresence && !field.Accessor.HasValue(message) ? null : NodeOf(field, value);
    }

    private static JsonNode? NodeOf(FieldDescriptor field, object? value) => value switch
    {
        null => null,
        IMessage message => ObjectOf(message),
        string text => JsonValue.Create(text),
        bool yes => JsonValue.Create(yes),
        ByteString bytes => JsonValue.Create(bytes.ToStringUtf8()),
        long seconds when field.Name.EndsWith(Seconds, StringComparison.Ordinal) || field.Name is "since" or "until" =>
            seconds == 0 ? null : JsonValue.Create(Times.Iso(seconds)),
        long milliseconds when field.Name == "at_ms" => JsonValue.Create(Times.IsoOfMilliseconds(milliseconds)),
        IConvertible number => JsonValue.Create(number.ToInt64(CultureInfo.InvariantCulture)),
        _ => throw new NotSupportedException(field.FullName),
    };
}
