using System.Text;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp;

/// <summary>Finds who is to hear a message of one leg, and puts what came of it into chunks, RFC 7701 6.</summary>
internal sealed class MessageRouter(SwitchLeg sender, MsrpOptions options, TimeProvider clock)
{
    private UserKey _from;
    private UserKey _to;

    /// <summary>Content other than CPIM goes as it is between two. 0, or the answer that refuses it.</summary>
    public int RoutePlain(IncomingMessage message)
    {
        var type = MediaTypes.Essence(message.ContentType);
        var others = Others();
        if (!sender.Types.Accepts(type) || others.Count > 1)
            return MsrpStatus.UnsupportedMediaType;

        return Route(message, others, each => each.Types.Accepts(type));
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

        var status = RouteCpim(message, head);
        if (status != 0)
            return status;

        PutHead(message, head, offered[..head.Length], batch);
        message.DropHead();
        bytes = bytes[(head.Length - held)..];
        return 0;
    }

    private int RouteCpim(IncomingMessage message, CpimHead head)
    {
        if (!sender.IsIdentity(_from.Get(head.From.Uri)))
            return MsrpStatus.Forbidden;

        // To one of several: nobody was told that we can do that.
        foreach (var to in head.To)
        {
            if (IsOneOfSeveral(_to.Get(to.Uri)))
                return MsrpStatus.PrivateMessagesNotSupported;
        }

        var type = MediaTypes.Essence(head.ContentType);
        return Route(message, Others(), each => each.Types.AcceptsInCpim(type));
    }

    private int Route(IncomingMessage message, List<SwitchLeg> others, Func<SwitchLeg, bool> accepts)
    {
        // With one other only, what it cannot have is for the sender to know.
        var isPair = sender.Bridge.Legs.Length == 2;
        if (isPair && others.Count == 0)
            return MsrpStatus.Timeout;

        var routes = new List<Route>(others.Count);
        foreach (var other in others)
        {
            if (!accepts(other))
            {
                if (isPair)
                    return MsrpStatus.UnsupportedMediaType;
            }
            else if (message.Total > other.Leg.MaxSize)
            {
                if (isPair)
                    return MsrpStatus.StopSending;
            }
            else if (other.Outbox is { } outbox)
            {
                routes.Add(new(outbox, other.Leg.MaxSize, isPair ? message.Notice : null));
            }
        }

        message.Routes = routes;
        message.IsPair = isPair;
        return 0;
    }

    private bool IsOneOfSeveral(string user)
    {
        var legs = sender.Bridge.Legs;
        foreach (var leg in legs)
        {
            if (legs.Length > 2 && leg.IsIdentity(user))
                return true;
        }

        return false;
    }

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

    private void PutHead(IncomingMessage message, CpimHead head, ReadOnlySpan<byte> bytes, WriterBatch batch)
    {
        if (head.HasDateTime)
        {
            Put(message, bytes, batch);
            return;
        }

        var line = Encoding.ASCII.GetBytes(CpimMessage.DateTimeLine(clock.GetUtcNow()));
        message.Inserted = line.Length;
        Put(message, bytes[..head.InsertAt], batch);
        Put(message, line, batch);
        Put(message, bytes[head.InsertAt..], batch);
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
