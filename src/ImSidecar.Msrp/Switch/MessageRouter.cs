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

    /// <summary>Content other than CPIM goes as it is between two. 0, or the answer that refuses it.</summary>
    public int RoutePlain(IncomingMessage message)
    {
        var type = MediaTypes.Essence(message.ContentType);
        var others = Others();
        if (!sender.Types.Accepts(type) || others.Count > 1)
            return MsrpStatus.UnsupportedMediaType;

        return Route(message, others, IsPair, each => each.Types.Accepts(type));
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

        Put(message, bytes, batch);
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

        var type = MediaTypes.Essence(head.ContentType);
        var recipient = PrivateRecipient(head);
        if (recipient is null)
        {
            HideSender(head, edit, from);
            var all = Others();
            ShowSelf(head, edit, IsPair ? all : []);
            return Route(message, all, IsPair, each => each.Types.AcceptsInCpim(type));
        }

        var status = FindPrivate(message, head, recipient, out var legs);
        if (status != 0)
            return status;

        HideSender(head, edit, from);
        ShowSelf(head, edit, legs);
        return Route(message, legs, isDirect: legs.Count < 2, each => each.Types.AcceptsInCpim(type));
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

        legs.RemoveAll(each => !each.Leg.TakesPrivateMessages && !isNotification);
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

    private int Route(
        IncomingMessage message, List<SwitchLeg> others, bool isDirect, Func<SwitchLeg, bool> accepts)
    {
        // RFC 3264 6.1: who said that he sends nothing is not heard.
        if (!sender.Leg.Sends)
            return MsrpStatus.Forbidden;

        // With one other only, what it cannot have is for the sender to know.
        if (isDirect && others.Count == 0)
            return MsrpStatus.Timeout;

        var routes = new List<Route>(others.Count);
        foreach (var other in others)
        {
            if (!other.Leg.Receives)
            {
                if (isDirect)
                    return MsrpStatus.Forbidden;
            }
            else if (!accepts(other))
            {
                if (isDirect)
                    return MsrpStatus.UnsupportedMediaType;
            }
            else if (message.Total > other.Leg.MaxSize)
            {
                if (isDirect)
                    return MsrpStatus.StopSending;
            }
            else if (other.Outbox is { } outbox)
            {
                routes.Add(new(outbox, other.Leg.MaxSize, isDirect ? message.Notice : null));
            }
        }

        message.Routes = routes;
        message.IsPair = isDirect;
        return 0;
    }

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
        if (!head.HasDateTime)
            edit.AddDateTime(clock.GetUtcNow());

        if (edit.IsEmpty)
        {
            Put(message, bytes, batch);
            return;
        }

        var edited = edit.Apply(bytes);
        message.Inserted = edited.Length - bytes.Length;
        Put(message, edited, batch);
    }

    // A full chunk waits for the next byte, which decides its flag.
    private static void Put(IncomingMessage message, ReadOnlySpan<byte> bytes, WriterBatch batch)
    {
        while (!bytes.IsEmpty)
        {
            if (message.Builder.IsFull)
                message.Emit(MsrpFlag.More, message.OutgoingTotal, batch);

            bytes = bytes[message.Builder.Append(bytes)..];
        }
    }
}
