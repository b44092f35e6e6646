using ImSidecar.Admin.V1;
using ImSidecar.Grpc;
using ImSidecar.Server.Hosting;

namespace ImSidecar.Server.Admin;

/// <summary>
/// Tells who traces one conference what comes in, what is decided and what goes out, until it is forgotten; never a
/// body.
/// </summary>
internal sealed class ConferenceTrace(ConferenceDirectory directory, ConferenceNames names, TimeProvider time)
{
    public async Task TraceAsync(TraceConferenceRequest request, GrpcWriter<TraceItem> writer, GrpcContext context)
    {
        AdminConnection.Require(context);
        var id = names.Find(request.Conference).Id.Value;
        if (!directory.Traces.TryAdd(id, out var onlooker))
            throw AdminError.TooMany($"{Onlookers<TraceItem>.Most} traces are enough: end one of them");

        using (onlooker)
        {
            // It may have ended before there was anybody to be told.
            if (!directory.Ids.Contains(id))
                throw AdminError.NotFound($"There is no conference {request.Conference}");

            await writer.FlushAsync();
            while (await onlooker.News.WaitToReadAsync(context.Cancellation))
            {
                while (onlooker.News.TryRead(out var item))
                    await writer.WriteAsync(item);

                if (onlooker.TakeMissed() is > 0 and var missed)
                    await writer.WriteAsync(new()
                    {
                        AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
                        Kind = "missed",
                        Missed = missed,
                    });
                await writer.FlushAsync();
            }
        }
    }
}
