using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImSidecar.Server.Stores.Format;

/// <summary>A value as one JSON string. What does not read back as the same value is not written.</summary>
internal sealed class TextConverter<T>(Func<T, string> write, Func<string, object?> read) : JsonConverter<T>
    where T : IEquatable<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && read(reader.GetString()!) is T value
            ? value
            : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        var text = write(value);
        if (read(text) is not T same || !same.Equals(value))
            throw new JsonException($"{typeof(T).Name} does not survive being stored");

        writer.WriteStringValue(text);
    }
}
