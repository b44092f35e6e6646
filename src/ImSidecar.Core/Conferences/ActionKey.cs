using System.Globalization;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// Names a request of ours once and for ever: aggregate, participant or subscription, method, CSeq. A repeated key
/// performs nothing again. A variant marks what belongs to another fork of the same INVITE.
/// </summary>
public readonly record struct ActionKey(
    AggregateId Aggregate, string Owner, string Method, long CSeq, string Variant = "")
{
    public static bool TryParse(string text, out ActionKey key)
    {
        key = default;
        var parts = text.Split('/');
        if (parts.Length is not (4 or 5)
            || parts[0].Length == 0
            || !long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var cseq))
            return false;

        key = new(new(parts[0]), parts[1], parts[2], cseq, parts.Length == 5 ? parts[4] : "");
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Aggregate}/{Owner}/{Method}/{CSeq}")
        + (Variant.Length == 0 ? "" : "/" + Variant);
}
