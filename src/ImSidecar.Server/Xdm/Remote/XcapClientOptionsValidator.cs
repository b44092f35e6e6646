using ImSidecar.Protocol.Sip;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>Checks the section "XcapClient" at start; each complaint names its key.</summary>
internal sealed class XcapClientOptionsValidator : IValidateOptions<XcapClientOptions>
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, XcapClientOptions options)
    {
        List<string> failures = [];
        Check(nameof(options.Root), IsRoot(options.Root), "must be an http or https URI without query");
        Check(
            nameof(options.GroupFolder), options.GroupFolder is "byGroupID" or "byGroup",
            "must be byGroupID or byGroup");
        CheckUri(nameof(options.AssertedIdentity), options.AssertedIdentity);
        CheckUri(nameof(options.SubscribeTo), options.SubscribeTo);
        Check(nameof(options.IdentityHeader), IsToken(options.IdentityHeader), "must be the name of a header field");
        Check(
            nameof(options.PasswordFile), options.PasswordFile.Length > 0 == options.UserName.Length > 0,
            "and UserName belong together");
        Check(
            nameof(options.PasswordFile), options.PasswordFile.Length == 0 || IsReadable(options.PasswordFile),
            "must be the absolute path of a file that can be read and holds a password");
        CheckTime(nameof(options.Timeout), options.Timeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
        Check(nameof(options.Retries), options.Retries is >= 0 and <= 5, "must be 0 to 5");
        CheckTime(nameof(options.BreakFor), options.BreakFor, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        CheckTime(nameof(options.RevalidateAfter), options.RevalidateAfter, TimeSpan.FromSeconds(1), _longest);
        Check(
            nameof(options.RevalidateWatchedAfter),
            options.RevalidateWatchedAfter >= options.RevalidateAfter && options.RevalidateWatchedAfter <= _longest,
            "must be at least RevalidateAfter");
        Check(
            nameof(options.KeepFor),
            options.KeepFor >= options.RevalidateWatchedAfter + options.RevalidateAfter && options.KeepFor <= _longest,
            "must be at least RevalidateWatchedAfter and RevalidateAfter together, at most 30 days");
        CheckTime(nameof(options.AbsentFor), options.AbsentFor, TimeSpan.Zero, TimeSpan.FromHours(1));
        Check(
            nameof(options.InUseFor), options.InUseFor >= options.RevalidateAfter && options.InUseFor <= _longest,
            "must be at least RevalidateAfter");
        Check(nameof(options.MaxDocuments), options.MaxDocuments is >= 1 and <= 1_000_000, "must be 1 to 1000000");
        Check(
            nameof(options.MaxDocumentBytes), options.MaxDocumentBytes is >= 1024 and <= 64 * 1024 * 1024,
            "must be 1024 to 67108864");
        Check(
            nameof(options.MaxCacheBytes), options.MaxCacheBytes >= options.MaxDocumentBytes,
            "must be at least MaxDocumentBytes");
        Check(nameof(options.MaxConcurrent), options.MaxConcurrent is >= 1 and <= 1024, "must be 1 to 1024");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, bool isValid, string rule)
        {
            if (!isValid)
                failures.Add($"{XcapClientOptions.Section}:{key} {rule}");
        }

        void CheckUri(string key, string value) =>
            Check(key, value.Length == 0 || SipUri.TryParse(value, out _), $"\"{value}\" is no SIP URI");

        void CheckTime(string key, TimeSpan value, TimeSpan least, TimeSpan most) =>
            Check(key, value >= least && value <= most, $"must be {least} to {most}");
    }

    private static bool IsRoot(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var root)
        && (root.Scheme == Uri.UriSchemeHttp || root.Scheme == Uri.UriSchemeHttps)
        && root.Query.Length == 0 && root.Fragment.Length == 0 && root.UserInfo.Length == 0;

    private static bool IsToken(string text) =>
        text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static bool IsReadable(string path)
    {
        try
        {
            return Path.IsPathFullyQualified(path) && XcapHttp.ReadPassword(path).Length > 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
