using System.Buffers;
using System.Text;
using ImSidecar.Protocol.Cpim;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// Which form of a message a leg takes, and what CPIM is around what was said without it, RFC 7701 5.2: clients that know
/// text only beside those that speak CPIM.
/// </summary>
internal readonly record struct Conversion
{
    public enum Form
    {
        None,
        Cpim,
        Bare,
    }

    /// <summary>What it says, type and parameters.</summary>
    public required string ContentType { get; init; }

    public required string Type { get; init; }

    /// <summary>It came in CPIM.</summary>
    public bool IsCpim { get; init; }

    /// <summary>And what it says can stand alone.</summary>
    public bool CanUnwrap { get; init; }

    public static Conversion OfBare(string contentType) =>
        new() { ContentType = contentType, Type = MediaTypes.Essence(contentType) };

    public static Conversion Of(CpimHead head) => new()
    {
        ContentType = head.ContentType,
        Type = MediaTypes.Essence(head.ContentType),
        IsCpim = true,
        CanUnwrap = !head.IsEncoded && MediaTypes.IsUsable(head.ContentType),
    };

    /// <param name="leg">Who is to hear it.</param>
    /// <param name="isDirect">Nobody else hears it: who said it is known without being told.</param>
    public Form For(SwitchLeg leg, bool isDirect)
    {
        if (IsCpim && leg.Types.TakesCpim)
            return leg.Types.AcceptsInCpim(Type) ? Form.Cpim : Form.None;

        var takesBare = leg.Types.Accepts(Type);
        if (IsCpim)
            return CanUnwrap && takesBare ? Form.Bare : Form.None;

        return isDirect && takesBare ? Form.Bare
            : leg.Types.AcceptsInCpim(Type) ? Form.Cpim
            : takesBare ? Form.Bare : Form.None;
    }

    /// <summary>The CPIM header block around what the sender says without one.</summary>
    public static byte[] Wrap(SwitchLeg sender, SwitchLeg? recipient, IncomingMessage message, DateTimeOffset now)
    {
        var to = sender.Leg.Room is [var room, ..] ? room
            : recipient is null ? sender.Entity
            : recipient.Leg.Address.Length > 0 ? recipient.Leg.Address : recipient.Entity;
        var output = new ArrayBufferWriter<byte>(256);
        Encoding.UTF8.GetBytes(
            $"From: {new CpimAddress(sender.Entity)}\r\nTo: {new CpimAddress(to)}\r\n{CpimMessage.DateTimeLine(now)}\r\n"
            + $"Content-Type: {message.ContentType}\r\n{message.Fields}\r\n", output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Who says it, for those who see text only; null where that cannot be put before it.</summary>
    public static byte[]? NameBefore(string contentType, CpimAddress from)
    {
        if (!MediaTypes.IsUtf8Text(contentType))
            return null;

        var address = from.Uri[(from.Uri.IndexOf(':', StringComparison.Ordinal) + 1)..];
        var name = from.Name.Length > 0 ? from.Name : address.Split('@', ';')[0];
        return Encoding.UTF8.GetBytes(name + ": ");
    }
}
