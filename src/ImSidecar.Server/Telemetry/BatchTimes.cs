using ImSidecar.Server.Hosting;

namespace ImSidecar.Server.Telemetry;

/// <summary>How long what a mailbox works off together has waited, and how long it took in all.</summary>
internal static class BatchTimes
{
    public static void Began(List<MailboxItem> batch, TimeProvider time)
    {
        if (!Instruments.TimesEvents)
            return;

        foreach (var item in batch)
        {
            if (item.Receipt is { IsConfirmed: false } receipt)
                Instruments.Waited(Labels.Of(receipt.Kind), time.GetElapsedTime(receipt.ArrivedAt));
        }
    }

    public static void Ended(List<MailboxItem> batch, TimeProvider time)
    {
        if (!Instruments.TimesEvents)
            return;

        foreach (var item in batch)
        {
            if (item.Receipt is { } receipt)
                Instruments.Settled(Labels.Of(receipt.Kind), time.GetElapsedTime(receipt.ArrivedAt));
        }
    }
}
