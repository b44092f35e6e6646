using System.Buffers;

namespace ImSidecar.Protocol.Sip;

/// <summary>
/// A P-Charging-Vector, RFC 7315 5.6: what the bills of one session are found by. Values are kept as written; parameters
/// of the access network are not for us to pass on.
/// </summary>
public sealed record ChargingVector(string Icid)
{
    public const string Name = "P-Charging-Vector";

    private const int MaxLength = 1024;

    private static readonly SearchValues<char> _plain = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~:[]@/");

    /// <summary>icid-generated-at: who made it.</summary>
    public string? GeneratedAt { get; init; }

    /// <summary>orig-ioi: the network that the request comes from.</summary>
    public string? OrigIoi { get; init; }

    /// <summary>term-ioi: the network that answers it.</summary>
    public string? TermIoi { get; init; }

    public static bool TryParse(string text, out ChargingVector vector)
    {
        vector = null!;
        if (text.Length > MaxLength)
            return false;

        string? icid = null, generatedAt = null, origIoi = null;
        foreach (var part in new SipList(text, ';'))
        {
            var equals = part.IndexOf('=');
            var name = (equals < 0 ? part : part[..equals]).Trim().ToString().ToLowerInvariant();
            var value = equals < 0 ? "" : part[(equals + 1)..].Trim().ToString();
            var isSound = name switch
            {
                "icid-value" => TryTake(value, ref icid),
                "icid-generated-at" => TryTake(value, ref generatedAt),
                "orig-ioi" => TryTake(value, ref origIoi),
                _ => true,
            };
            if (!isSound)
                return false;
        }

        if (icid is null)
            return false;

        vector = new(icid) { GeneratedAt = generatedAt, OrigIoi = origIoi };
        return true;
    }

    /// <summary>True for what may stand as the value of a parameter: a token, a host, or a quoted string.</summary>
    public static bool IsValue(ReadOnlySpan<char> value)
    {
        if (value.Length < 2 || value[0] != '"')
            return !value.IsEmpty && !value.ContainsAnyExcept(_plain);

        var inner = value[1..^1];
        return value[^1] == '"' && !inner.ContainsAny('"', '\\') && !inner.ContainsAnyExceptInRange(' ', '~');
    }

    public override string ToString() =>
        "icid-value=" + Icid + With("icid-generated-at", GeneratedAt) + With("orig-ioi", OrigIoi)
        + With("term-ioi", TermIoi);

    private static string With(string name, string? value) => value is null ? "" : $";{name}={value}";

    private static bool TryTake(string value, ref string? taken)
    {
        if (taken is not null || !IsValue(value))
            return false;

        taken = value;
        return true;
    }
}
