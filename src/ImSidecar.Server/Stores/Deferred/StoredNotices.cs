using System.Text.Json;
using ImSidecar.Core.Deferred;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>What a sender asked to be told, as it is stored: its names, once released, stay.</summary>
internal sealed record StoredNotices(string Id, string At, bool Delivered, bool Failed, string? Route)
{
    public static byte[] Write(DeferredNotices asked) => JsonSerializer.SerializeToUtf8Bytes(
        new StoredNotices(asked.MessageId, asked.DateTime, asked.Delivery, asked.NegativeDelivery, asked.Route));

    public static bool TryRead(ReadOnlySpan<byte> stored, out DeferredNotices? asked)
    {
        asked = null;
        try
        {
            if (JsonSerializer.Deserialize<StoredNotices>(stored) is { Id: not null, At: not null } read)
                asked = new(read.Id, read.At, read.Delivered, read.Failed) { Route = read.Route };
        }
        catch (JsonException)
        {
        }

        return asked is not null;
    }

    /// <summary>Which ends of his message the sender is told of.</summary>
    public static Ends TellsOf(DeferredNotices? asked) =>
        (asked is { Delivery: true } ? Ends.Delivered : Ends.None)
        | (asked is { NegativeDelivery: true } ? Ends.Failed : Ends.None);

    public static Ends Of(DeferredEnd end) => end == DeferredEnd.Delivered ? Ends.Delivered : Ends.Failed;
}

/// <summary>Ends of a message, as bits of a column.</summary>
[Flags]
internal enum Ends
{
    None = 0,
    Delivered = 1,
    Failed = 2,
}
