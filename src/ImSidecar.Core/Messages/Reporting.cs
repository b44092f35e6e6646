using System.Buffers;
using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Messages;

/// <summary>
/// Tells the sender what became of his message: each notification by itself, or those of a while together; RFC 5438
/// 8.3.
/// </summary>
internal static class Reporting
{
    // A report is a MESSAGE: it must get through where a message does.
    private const int MaxReportBytes = 32 * 1024;

    /// <summary>Something is known of a recipient; told now, or with what comes within a while.</summary>
    public static Outcome<PageMessage> Add(PageMessage message, Recipient recipient, Notice notice, Facts facts)
    {
        var next = message.With(recipient with { Notices = recipient.Notices.Add(notice) });
        if (!facts.Operator.AggregateImdn)
            return Report(next, facts);

        next = next with { ReportAt = next.ReportAt ?? facts.Now + facts.Operator.AggregateImdnFor };
        return Outcome.Of(next).Then(each => IsComplete(each) ? Report(each, facts) : Outcome.Of(each));
    }

    /// <summary>The sender wants to hear of a recipient whom it did not reach.</summary>
    public static Outcome<PageMessage> AddFailure(PageMessage message, Recipient recipient, Facts facts)
    {
        if (message.Asked is not { NegativeDelivery: true } asked)
            return Outcome.Of(message);

        var content = NotificationXml.Write(new(asked.MessageId, NotificationKind.Delivery, "failed")
        {
            DateTime = asked.DateTime,
            RecipientUri = recipient.Address.Text,
        });
        return Add(message, recipient, new(NotificationKind.Delivery, content) { IsOurs = true }, facts);
    }

    /// <summary>What was not told yet.</summary>
    public static Outcome<PageMessage> Report(PageMessage message, Facts facts)
    {
        var outcome = Outcome.Of(message with { ReportAt = null });
        var group = new List<(Recipient Recipient, Notice Notice)>();
        foreach (var recipient in message.Recipients.Values.OrderBy(each => each.Id, StringComparer.Ordinal))
        {
            foreach (var notice in recipient.Notices.Where(each => !each.IsTold))
            {
                if (group.Count > 0 && (!facts.Operator.AggregateImdn || IsFull(group, notice)))
                    outcome = Tell(outcome, group, facts);
                group.Add((recipient, notice));
            }
        }

        if (group.Count > 0)
            outcome = Tell(outcome, group, facts);
        return outcome.Then(next => Outcome.Of(Shortened(WithAllTold(next), facts)));
    }

    private static bool IsFull(List<(Recipient, Notice Notice)> group, Notice next) =>
        group.Sum(each => each.Notice.Content.Length + 128) + next.Content.Length > MaxReportBytes;

    /// <summary>Nothing that was asked for is outstanding.</summary>
    public static bool IsComplete(PageMessage message) =>
        message is { Unsettled: 0, Asked: { } asked }
        && message.Recipients.Values.All(each => !each.HasIt
            || ((!asked.Delivery || each.Has(NotificationKind.Delivery))
                && (!asked.Display || each.Has(NotificationKind.Display))));

    // Nothing more can come but copies.
    private static PageMessage Shortened(PageMessage message, Facts facts)
    {
        var soon = facts.Now + facts.Operator.ForgetAfter;
        return message.ForgetAt > soon && IsComplete(message) ? message with { ForgetAt = soon } : message;
    }

    private static PageMessage WithAllTold(PageMessage message)
    {
        foreach (var recipient in message.Recipients.Values)
        {
            if (recipient.Notices.Any(each => !each.IsTold))
                message = message.With(recipient with
                {
                    // What was told need not be kept, only that it was.
                    Notices = [.. recipient.Notices.Select(each => each with { IsTold = true, Content = default })],
                });
        }

        return message;
    }

    private static Outcome<PageMessage> Tell(
        Outcome<PageMessage> before, List<(Recipient Recipient, Notice Notice)> group, Facts facts)
    {
        var told = group.ToImmutableArray();
        group.Clear();
        return before.Then(next =>
        {
            var counted = next with { Reports = next.Reports + 1 };
            return ReportDelivery.Send(counted, Request(counted, told, facts), facts);
        });
    }

    private static OutgoingRequest Request(
        PageMessage message, ImmutableArray<(Recipient Recipient, Notice Notice)> told, Facts facts)
    {
        // Several are told by us; one by who sent it.
        var single = told is [var only] && !only.Notice.IsOurs ? only.Recipient : null;
        var isNameless = single is not null && told[0].Notice.IsNameless;
        var from = single is null ? message.Address : isNameless ? ChatAlias.Nobody : single.Address;
        var purpose = $"report/{message.Reports}";
        return new()
        {
            Method = "MESSAGE",
            Uri = message.Sender,
            From = $"<{from}>",
            FromTag = facts.Derive(purpose + "/tag"),
            To = $"<{message.Sender}>",
            CallId = facts.Derive(purpose + "/call"),
            CSeq = 1,
            Headers = SipHeaders.Of(
                ("Accept-Contact", $"*;{FeatureTags.Im};require;explicit"),
                ("P-Asserted-Identity", $"<{(single is null || isNameless ? message.Address : single.Address)}>"),
                ("Content-Type", CpimContent.MediaType)),
            Body = Body(message, from, [.. told.Select(each => each.Notice)], purpose, facts),
        };
    }

    private static ReadOnlyMemory<byte> Body(
        PageMessage message, SipUri from, ImmutableArray<Notice> notices, string purpose, Facts facts)
    {
        var (type, content) = Content(notices, facts.Derive(purpose + "/boundary"));
        var output = new ArrayBufferWriter<byte>();
        new CpimMessage
        {
            From = new(from.Text),
            To = [new(message.Sender.Text)],
            DateTime = facts.Now,
            Fields =
            [
                ("NS", $"{ImdnFields.UsualPrefix} <{ImdnFields.Namespace}>"),
                ($"{ImdnFields.UsualPrefix}.{ImdnFields.MessageIdName}", facts.Derive(purpose + "/id")),
            ],
            ContentType = type,
            ContentDisposition = "notification",
            Content = content,
        }.WriteTo(output);
        return output.WrittenMemory;
    }

    private static (string Type, ReadOnlyMemory<byte> Content) Content(ImmutableArray<Notice> notices, string boundary)
    {
        if (notices is [var only])
            return (Notification.MediaType, only.Content);

        MimePart[] parts =
            [.. notices.Select(each => MimePart.Of(Notification.MediaType, "notification", each.Content))];
        var chosen = MultipartWriter.ChooseBoundary(boundary, parts);
        return (MultipartWriter.ContentType("mixed", chosen), MultipartWriter.Write(chosen, parts));
    }
}
