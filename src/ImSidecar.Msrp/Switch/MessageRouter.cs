using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>Finds who is to hear a message of one leg, and puts what came of it into chunks, RFC 7701 6.</summary>
internal sealed class MessageRouter(SwitchLeg sender, MsrpOptions options, TimeProvider clock)
{
    private static readonly string _one = MsrpStatus.Comment(MsrpStatus.Forbidden) + ": one recipient only";
    private static readonly string _none = MsrpStatus.Comment(MsrpStatus.Forbidden) + ": no private messages";
    private UserKey.Memory _from;
    private UserKey.Memory _to;

    /// <summary>Content other than CPIM, as it is or in CPIM of ours. 0, or the answer that refuses it.</summary>
    public int RoutePlain(IncomingMessage message)
    {
        var content = Conversion.OfBare(message.ContentType);
        if (!sender.Types.Accepts(content.Type) && !(sender.SaysWhatWeTake && sender.TakenTypes.Accepts(content.Type)))
            return MsrpStatus.UnsupportedMediaType;

        var others = Others();
        var status = Route(message, others, IsPair, content);
        if (status != 0 || message.Cpim is null && (message.Bare is null || IsPair))
            return status;

        message.Opening = new(
            message.Cpim is null ? null
                : Conversion.Wrap(sender, IsPair ? others[0] : null, message, clock.GetUtcNow()),
            message.Bare is null || MediaTypes.IsEncoded(message.Fields)
                ? null : NameBefore(message.ContentType, new(sender.Entity)));
        if (message.Cpim is { } wrapped)
            wrapped.Inserted = message.Opening.Cpim!.Length;

        if (message.Bare is { } bare)
            bare.Inserted = message.Opening.Bare?.Length ?? 0;

        return 0;
    }

    /// <summary>Takes a piece of the body. 0, or the answer that refuses the message.</summary>
    public int Take(IncomingMessage message, ReadOnlySpan<byte> bytes, WriterBatch batch)
    {
        if (message.Routes is null)
        {
            var status = TakeHead(message, ref bytes, batch);
            if (status != 0)
                return status;
        }

        message.Put(bytes, batch);
        return 0;
    }

    private int TakeHead(IncomingMessage message, ref ReadOnlySpan<byte> bytes, WriterBatch batch)
    {
        var held = message.HeldHead.Length;
        var offered = bytes;
        if (held > 0)
        {
            message.HoldHead(bytes[..Math.Min(bytes.Length, options.MaxCpimHeaderBytes + 1 - held)]);
            offered = message.HeldHead;
        }

        switch (CpimReader.Read(offered[..Math.Min(offered.Length, options.MaxCpimHeaderBytes)], out var head))
        {
            case CpimResult.Malformed:
                return MsrpStatus.BadRequest;

            case CpimResult.NeedMore when offered.Length > options.MaxCpimHeaderBytes:
                return MsrpStatus.StopSending;

            case CpimResult.NeedMore:
                if (held == 0)
                    message.HoldHead(bytes);

                bytes = [];
                return 0;
        }

        var edit = new CpimHeadEdit(head);
        var status = RouteCpim(message, head, edit);
        if (status != 0)
            return status;

        PutHead(message, head, edit, offered[..head.Length], batch);
        message.DropHead();
        bytes = bytes[(head.Length - held)..];
        return 0;
    }

    private int RouteCpim(IncomingMessage message, CpimHead head, CpimHeadEdit edit)
    {
        var from = _from.Get(head.From.Uri);
        if (!sender.IsIdentity(from))
            return MsrpStatus.Forbidden;

        var content = Conversion.Of(head);
        var recipient = PrivateRecipient(head);
        if (recipient is null)
        {
            HideSender(head, edit, from);
            var all = Others();
            ShowSelf(head, edit, IsPair ? all : []);
            return Route(message, all, IsPair, content);
        }

        var status = FindPrivate(message, head, recipient, out var legs);
        if (status != 0)
            return status;

        HideSender(head, edit, from);
        ShowSelf(head, edit, legs);
        return Route(message, legs, isDirect: legs.Count < 2, content);
    }

    // Null: it is for all.
    private CpimAddress? PrivateRecipient(CpimHead head)
    {
        if (!sender.IsInRoom)
            return null;

        foreach (var to in head.To)
        {
            if (!sender.IsRoom(_to.Get(to.Uri)))
                return to;
        }

        return null;
    }

    // RFC 7701 6.2: one recipient, who is there and can tell it from what all hear.
    private int FindPrivate(IncomingMessage message, CpimHead head, CpimAddress recipient, out List<SwitchLeg> legs)
    {
        legs = [];

        // What became of a message is for who sent it, whatever else is allowed; RFC 5438 7.2.
        var isNotification = MediaTypes.Essence(head.ContentType)
            .Equals(Notification.MediaType, StringComparison.OrdinalIgnoreCase);
        if (!sender.Leg.MayWritePrivately && !isNotification)
        {
            message.Refusal = _none;
            return MsrpStatus.Forbidden;
        }

        if (head.To.Length > 1)
        {
            message.Refusal = _one;
            return MsrpStatus.Forbidden;
        }

        var user = _to.Get(recipient.Uri);
        foreach (var each in sender.Bridge.Legs)
        {
            if (each != sender && each.IsKnownAs(user))
                legs.Add(each);
        }

        if (legs.Count == 0)
            return MsrpStatus.NotFound;

        // Nor can who sees the bare text.
        legs.RemoveAll(each =>
            !(each.Leg.TakesPrivateMessages && each.Types.Accepts(MediaTypes.Cpim)) && !isNotification);
        if (legs.Count == 0)
            return MsrpStatus.PrivateMessagesNotSupported;

        legs.RemoveAll(each => each.Outbox is null);
        return legs.Count == 0 ? MsrpStatus.Timeout : 0;
    }

    // He is told from his entity, and an answer to it finds him; his client need not know that he has one.
    private void HideSender(CpimHead head, CpimHeadEdit edit, UserKey from)
    {
        if (!sender.Leg.IsAnonymous)
        {
            if (!sender.IsEntity(from))
                edit.Readdress(head.FromField, sender.Entity, head.From.Name);
            return;
        }

        edit.Readdress(head.FromField, sender.Entity);
        for (var field = 0; field < head.Fields.Length; field++)
        {
            if (field != head.FromField && !head.ToFields.Contains(field) && sender.NamesPeer(head.Fields[field].Value))
                edit.Remove(field);
        }
    }

    // To his entity, or to all that he is besides: he himself knows his address.
    private void ShowSelf(CpimHead head, CpimHeadEdit edit, List<SwitchLeg> recipients)
    {
        if (recipients is not [{ Leg: { IsAnonymous: true, Address.Length: > 0 } leg } recipient, ..])
            return;

        for (var i = 0; i < head.To.Length; i++)
        {
            if (recipient.IsEntity(_to.Get(head.To[i].Uri)))
                edit.Readdress(head.ToFields[i], leg.Address);
        }
    }

    private int Route(IncomingMessage message, List<SwitchLeg> others, bool isDirect, Conversion content)
    {
        // RFC 3264 6.1: who said that he sends nothing is not heard.
        if (!sender.Leg.Sends)
            return MsrpStatus.Forbidden;

        // With one other only, what it cannot have is for the sender to know.
        if (isDirect && others.Count == 0)
            return MsrpStatus.Timeout;

        var (inCpim, bare) = (new List<Route>(others.Count), new List<Route>());
        foreach (var other in others)
        {
            var form = content.For(other, isDirect);
            if (!other.Leg.Receives)
            {
                if (isDirect)
                    return MsrpStatus.Forbidden;
            }
            else if (form == Conversion.Form.None)
            {
                if (isDirect)
                    return MsrpStatus.UnsupportedMediaType;
            }
            else if (message.Total > other.Leg.MaxSize && !(content.IsCpim && form == Conversion.Form.Bare))
            {
                if (isDirect)
                    return MsrpStatus.StopSending;
            }
            else if (other.Outbox is { } outbox)
            {
                (form == Conversion.Form.Cpim ? inCpim : bare).Add(
                    new(outbox, other.Leg.MaxSize, isDirect ? message.Notice : null));
            }
        }

        message.Begin(
            FormOf(message, inCpim, content.IsCpim ? message.ContentType : MediaTypes.Cpim, content.IsCpim),
            FormOf(message, bare, content.ContentType, !content.IsCpim),
            isDirect);
        return 0;
    }

    private Rendition? FormOf(IncomingMessage message, List<Route> routes, string contentType, bool isAsItCame) =>
        routes.Count == 0 ? null : new(
            new(MsrpIdent.Fresh(), contentType, options.MaxChunkBytes, isAsItCame ? message.Fields : ""), routes);

    private bool IsPair => sender.Bridge.Legs.Length == 2;

    private List<SwitchLeg> Others()
    {
        var others = new List<SwitchLeg>();
        foreach (var each in sender.Bridge.Legs)
        {
            if (each != sender && each.Outbox is not null)
                others.Add(each);
        }

        return others;
    }

    private void PutHead(
        IncomingMessage message, CpimHead head, CpimHeadEdit edit, ReadOnlySpan<byte> bytes, WriterBatch batch)
    {
        message.HeadLength = bytes.Length;
        if (message.Bare is { } bare)
        {
            var name = message.IsPair ? null : NameBefore(head.ContentType, ShownSender(head));
            bare.Inserted = (name?.Length ?? 0) - bytes.Length;
            bare.Put(message, name, batch);
        }

        if (message.Cpim is not { } inCpim)
            return;

        if (!head.HasDateTime)
            edit.AddDateTime(clock.GetUtcNow());

        if (edit.IsEmpty)
        {
            inCpim.Put(message, bytes, batch);
            return;
        }

        var edited = edit.Apply(bytes);
        inCpim.Inserted = edited.Length - bytes.Length;
        inCpim.Put(message, edited, batch);
    }

    private CpimAddress ShownSender(CpimHead head) =>
        sender.Leg.IsAnonymous ? new(sender.Entity) : head.From with { Uri = sender.Entity };

    private byte[]? NameBefore(string contentType, CpimAddress from) =>
        options.PlainTextNames ? Conversion.NameBefore(contentType, from) : null;
}
