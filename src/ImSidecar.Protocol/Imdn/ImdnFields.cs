using System.Collections.Immutable;
using ImSidecar.Protocol.Cpim;

namespace ImSidecar.Protocol.Imdn;

/// <summary>What a CPIM message says of notifications, RFC 5438 6: its id, what is asked for, where they go.</summary>
public sealed record ImdnFields
{
    public const string Namespace = "urn:ietf:params:imdn";

    /// <summary>The prefix that nearly all use; some without saying what it stands for.</summary>
    public const string UsualPrefix = "imdn";

    public const int MaxIdLength = 256;

    public const string MessageIdName = "Message-ID";
    public const string DispositionName = "Disposition-Notification";
    public const string RecordRouteName = "IMDN-Record-Route";
    public const string RouteName = "IMDN-Route";

    public required string Prefix { get; init; }

    public string? MessageId { get; init; }

    /// <summary>Which of the fields of the head that is.</summary>
    public int MessageIdField { get; init; } = -1;

    /// <summary>positive-delivery, negative-delivery, processing, display, interworking.</summary>
    public ImmutableArray<string> Wanted { get; init; } = [];

    /// <summary>Which of the fields of the head are IMDN-Record-Route.</summary>
    public ImmutableArray<int> RecordRouteFields { get; init; } = [];

    /// <summary>URIs that notifications are to be sent by, the first hop first.</summary>
    public ImmutableArray<string> RecordRoute { get; init; } = [];

    public bool Wants(string disposition) => Wanted.Contains(disposition, StringComparer.OrdinalIgnoreCase);

    public static ImdnFields Read(CpimHead head)
    {
        var prefix = UsualPrefix;
        var fields = new ImdnFields { Prefix = prefix };
        for (var i = 0; i < head.Fields.Length; i++)
        {
            var (name, value) = head.Fields[i];
            if (name == "NS" && PrefixOf(value) is { } declared)
                fields = fields with { Prefix = prefix = declared };
            else if (name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal)
                && name[prefix.Length] == '.')
                fields = fields.With(name[(prefix.Length + 1)..], value, i);
        }

        return fields;
    }

    private static string? PrefixOf(string value)
    {
        var open = value.IndexOf('<', StringComparison.Ordinal);
        return open > 0 && value.EndsWith('>')
            && value[(open + 1)..^1].Equals(Namespace, StringComparison.OrdinalIgnoreCase)
            ? value[..open].Trim()
            : null;
    }

    private ImdnFields With(string name, string value, int field) => name switch
    {
        MessageIdName when MessageId is null && value.Length is > 0 and <= MaxIdLength =>
            this with { MessageId = value, MessageIdField = field },
        DispositionName => this with
        {
            Wanted = [.. Wanted, .. value.Split(',').Select(each => each.Trim()).Where(each => each.Length > 0)],
        },
        RecordRouteName when CpimAddress.TryParse(value, out var route) => this with
        {
            RecordRoute = RecordRoute.Add(route.Uri),
            RecordRouteFields = RecordRouteFields.Add(field),
        },
        _ => this,
    };
}
