using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Grpc;
using ImSidecar.Server.Hosting;

namespace ImSidecar.Server.Admin;

/// <summary>Tells who looks on who joins and leaves, in one conference or in all.</summary>
internal sealed class ConferenceWatch(
    ConferenceDirectory directory, ConferenceNames names, ConferenceCounts counts, TimeProvider time)
{
    private const int MostShown = 1000;

    public async Task WatchAsync(
        WatchConferencesRequest request, GrpcWriter<ConferenceNews> writer, GrpcContext context)
    {
        AdminConnection.Require(context);
        var only = request.Conference.Length == 0 ? null : names.Find(request.Conference).Id.Value;
        if (!directory.Watches.TryAdd(only, out var onlooker))
            throw AdminError.TooMany($"{Onlookers<ConferenceChange>.Most} watches are enough: end one of them");

        using (onlooker)
        {
            // Read after the watch has begun: nothing happens between the two.
            var last = only is null ? null : names.Peek(only);
            if (only is not null && (last is null || !directory.Ids.Contains(only)))
                throw AdminError.NotFound($"There is no conference {request.Conference}");

            await writer.WriteAsync(First(last));
            await writer.FlushAsync();
            while (await onlooker.News.WaitToReadAsync(context.Cancellation))
            {
                while (onlooker.News.TryRead(out var change))
                {
                    // It is in what was told of what had been missed.
                    if (only is not null && change.After?.Revision <= last?.Revision)
                        continue;

                    await TellAsync(change with { Before = only is null ? change.Before : last }, writer);
                    last = change.After;
                }

                if (onlooker.TakeMissed() is > 0 and var missed)
                {
                    await writer.WriteAsync(new() { AtMs = Now(), Conference = only ?? "", Missed = missed });
                    if (only is not null)
                    {
                        // What came of it; what is still unread of that is known then.
                        var now = names.Peek(only);
                        await TellAsync(new(time.GetUtcNow(), last, now), writer);
                        last = now;
                    }
                }

                await writer.FlushAsync();
            }

            // All is read, and its end was not among it.
            if (last is not null)
                await TellAsync(new(time.GetUtcNow(), last, null), writer);
        }
    }

    private static async ValueTask TellAsync(ConferenceChange change, GrpcWriter<ConferenceNews> writer)
    {
        // It was in what was told first.
        if (change.After is { } after && change.Before?.Revision >= after.Revision)
            return;

        foreach (var news in RosterNews.Between(change.Before, change.After))
        {
            news.AtMs = change.At.ToUnixTimeMilliseconds();
            news.Conference = (change.After ?? change.Before)!.Id.Value;
            await writer.WriteAsync(news);
        }
    }

    private ConferenceNews First(Conference? conference)
    {
        var news = new ConferenceNews { AtMs = Now(), Conference = conference?.Id.Value ?? "" };
        if (conference is not null)
            news.Now = ConferenceWire.Details(conference, MostShown);
        else
            news.Counts = new()
            {
                Conferences = counts.Conferences,
                Participants = counts.Participants,
                Subscriptions = counts.Subscriptions,
            };
        return news;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
