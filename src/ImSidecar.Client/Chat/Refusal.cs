using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Chat;

/// <summary>Why a request was refused, for people: status, phrase, and the texts of Warning, RFC 3261 20.43.</summary>
internal static class Refusal
{
    public static string Of(SipMessage response)
    {
        if (response.IsLocal)
        {
            return response.Status == 408 ? "no answer from the server"
                : $"the server cannot be reached: {PlainText.Line(response.Reason)}";
        }

        var reasons = response.List("Warning").Select(Text).Where(text => text.Length > 0).ToList();
        var line = $"{response.Status} {PlainText.Line(response.Reason)}";
        return reasons.Count == 0 ? line : $"{line}: {string.Join("; ", reasons)}";
    }

    // code agent "text"
    private static string Text(string warning)
    {
        var quote = warning.IndexOf('"', StringComparison.Ordinal);
        return PlainText.Line(quote < 0 ? warning : SipParameters.Unquote(warning.AsSpan(quote).Trim()));
    }
}
