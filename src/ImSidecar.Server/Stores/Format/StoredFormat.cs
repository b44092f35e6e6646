using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Core.Messages;
using ImSidecar.Core.Participating;

namespace ImSidecar.Server.Stores.Format;

/// <summary>
/// How the parts of an aggregate are written: JSON, each row with the number of its format. A change that older rows do
/// not survive gets the next number, a branch in <see cref="Read"/> and a vector of its own.
/// </summary>
internal static class StoredFormat
{
    public const int Current = 1;

    private static readonly JsonSerializerOptions _options = CreateOptions(
        StoredTypes.Resolver, JsonIgnoreCondition.WhenWritingNull);

    // What has become null has to say so.
    private static readonly JsonSerializerOptions _progress = CreateOptions(
        StoredTypes.ProgressResolver, JsonIgnoreCondition.Never);

    public static byte[] Write<TPart>(TPart part) => Write(part, _options);

    /// <summary>What came of a subscription, without the terms of its SUBSCRIBE.</summary>
    public static byte[] WriteProgress(Subscription subscription) => Write(subscription, _progress);

    private static byte[] Write<TPart>(TPart part, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(part, options);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or ArgumentException)
        {
            throw new StoredFormatException($"{typeof(TPart).Name} cannot be written: {error.Message}", error);
        }
    }

    /// <summary>The aggregate itself, without what has rows of its own.</summary>
    public static byte[] WriteHead(Aggregate head) => head switch
    {
        Conference conference => Write(conference),
        DocumentSubscription subscription => Write(subscription),
        DocumentWatch watch => Write(watch),
        ServedUser user => Write(user),
        PageMessage message => Write(message),
        DeferredSession session => Write(session),
        _ => throw new UnreachableException(head.GetType().Name),
    };

    public static Aggregate ReadHead(AggregateId id, int format, ReadOnlySpan<byte> body) => id.Kind switch
    {
        AggregateKind.Conference => Read<Conference>(format, body, $"conference {id}"),
        AggregateKind.ServedUser => Read<ServedUser>(format, body, $"served user {id}"),
        AggregateKind.DocumentWatch => Read<DocumentWatch>(format, body, $"watch {id}"),
        AggregateKind.PageMessage => Read<PageMessage>(format, body, $"message {id}"),
        AggregateKind.DeferredSession => Read<DeferredSession>(format, body, $"session {id}"),
        AggregateKind.DocumentSubscription => Read<DocumentSubscription>(format, body, $"subscription {id}"),
        _ => throw new StoredFormatException($"{id} is of a kind that this release does not know"),
    };

    /// <summary>Part names the row for the error message: kind and key.</summary>
    public static TPart Read<TPart>(int format, ReadOnlySpan<byte> body, string part)
    {
        if (format != Current)
            throw new StoredFormatException(
                $"{part} is stored in format {format}, this release reads formats 1 to {Current}");

        try
        {
            return JsonSerializer.Deserialize<TPart>(body, _options)
                ?? throw new StoredFormatException($"{part} is stored as null");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            // A part without the name of its effect is "not supported" instead of bad JSON.
            throw new StoredFormatException($"{part} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>
    /// A subscription as it was written, with what came of it since: of a member that is there twice the last counts.
    /// </summary>
    public static Subscription ReadProgressed(
        int format, ReadOnlySpan<byte> written, int progressFormat, ReadOnlySpan<byte> progress, string part)
    {
        if (progressFormat != format
            || written is not [.. var front, (byte)'}']
            || progress is not [(byte)'{', .. var back])
            throw new StoredFormatException($"{part} and its progress do not fit");

        return Read<Subscription>(format, [.. front, (byte)',', .. back], part);
    }

    private static JsonSerializerOptions CreateOptions(IJsonTypeInfoResolver resolver, JsonIgnoreCondition ignored)
    {
        var options = new JsonSerializerOptions
        {
            TypeInfoResolver = resolver,
            // No browser reads it, and SIP is full of angle brackets.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = ignored,
            // Of a newer release that shares the store: it can do without, or it would have a format of its own.
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
            RespectNullableAnnotations = true,
            IgnoreReadOnlyProperties = true,
            Converters =
            {
                StoredValues.SipUri,
                StoredValues.SipStatus,
                StoredValues.AggregateId,
                StoredValues.ActionKey,
                new SipHeaderConverter(),
                new SipHeadersConverter(),
                new ImmutableArrayConverter(),
                new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false),
            },
        };
        options.MakeReadOnly();
        return options;
    }
}
