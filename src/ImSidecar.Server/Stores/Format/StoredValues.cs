using System.Globalization;
using System.Text.Json.Serialization;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Stores.Format;

/// <summary>Converters of the values that have a text form of their own.</summary>
internal static class StoredValues
{
    public static readonly JsonConverter SipUri = new TextConverter<SipUri>(
        uri => uri.Text,
        text => Protocol.Sip.SipUri.TryParse(text, out var uri) ? uri : null);

    public static readonly JsonConverter SipStatus = new TextConverter<SipStatus>(
        status => status.ToString(),
        text => TryParse(text, out SipStatus status) ? status : null);

    public static readonly JsonConverter AggregateId = new TextConverter<AggregateId>(
        id => id.Value,
        text => new AggregateId(text));

    public static readonly JsonConverter ActionKey = new TextConverter<ActionKey>(
        key => key.ToString(),
        text => Core.Conferences.ActionKey.TryParse(text, out var key) ? key : null);

    /// <summary>One text for each dialog, as a key: no header field value holds a line end.</summary>
    public static string Key(DialogId dialog) => $"{dialog.CallId}\n{dialog.LocalTag}\n{dialog.RemoteTag}";

    private static bool TryParse(string text, out SipStatus status)
    {
        status = default;
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0
            || !int.TryParse(text.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            return false;

        status = new(code, text[(space + 1)..]);
        return true;
    }
}
