using System.Buffers;
using System.Net;
using ImSidecar.Digest;
using ImSidecar.Protocol.Sip;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>Checks the section "XcapServer" at start; each complaint names its key.</summary>
internal sealed class XcapServerOptionsValidator : IValidateOptions<XcapServerOptions>
{
    private static readonly SearchValues<char> _token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public ValidateOptionsResult Validate(string? name, XcapServerOptions options)
    {
        List<string> failures = [];
        Check(
            nameof(options.Root), options.RootUri is not null,
            "must be an http or https URI with a path that ends with a slash");
        for (var i = 0; i < options.TrustedProxies.Count; i++)
        {
            Check(
                $"{nameof(options.TrustedProxies)}:{i}", TryParseNetwork(options.TrustedProxies[i], out _),
                $"\"{options.TrustedProxies[i]}\" is neither an address nor a CIDR block");
        }

        Check(
            nameof(options.IdentityHeader),
            options.IdentityHeader.Length is > 0 and <= 64
                && !options.IdentityHeader.AsSpan().ContainsAnyExcept(_token),
            "must be the name of a header field");
        CheckUris(nameof(options.Administrators), options.Administrators);
        CheckUris(nameof(options.Readers), options.Readers);
        var problem = options.DigestFile.Length == 0 ? null : FileProblem.Of(options.DigestFile);
        Check(nameof(options.DigestFile), problem is null, $"{options.DigestFile} {problem}");
        Check(
            nameof(options.Realm),
            options.Realm.Length is > 0 and <= 255 && !options.Realm.AsSpan().ContainsAny("\":\\\r\n"),
            "must be a realm, such as the domain of the users");
        Check(
            nameof(options.NonceLifetime),
            options.NonceLifetime >= TimeSpan.FromSeconds(1) && options.NonceLifetime <= TimeSpan.FromDays(1),
            "must be 1 second to 1 day");
        Check(
            nameof(options.BodyTimeout),
            options.BodyTimeout >= TimeSpan.FromSeconds(1) && options.BodyTimeout <= TimeSpan.FromHours(1),
            "must be 1 second to 1 hour");
        CheckCount(nameof(options.MaxFailures), options.MaxFailures, 1_000_000);
        CheckCount(nameof(options.MaxDocumentBytes), options.MaxDocumentBytes, 64 * 1024 * 1024);
        CheckCount(nameof(options.MaxDocumentsPerUser), options.MaxDocumentsPerUser, 100_000);
        CheckCount(nameof(options.MaxBytesPerUser), options.MaxBytesPerUser, 1L << 40);
        CheckCount(nameof(options.MaxGroupsPerUser), options.MaxGroupsPerUser, 100_000);
        CheckCount(nameof(options.CacheBytes), options.CacheBytes, 1L << 40);
        CheckCount(nameof(options.MaxRequests), options.MaxRequests, 100_000);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, bool isValid, string rule)
        {
            if (!isValid)
                failures.Add($"{XcapServerOptions.Section}:{key} {rule}");
        }

        void CheckCount(string key, long value, long most) =>
            Check(key, value >= 1 && value <= most, $"must be 1 to {most}");

        void CheckUris(string key, IReadOnlyList<string> uris)
        {
            for (var i = 0; i < uris.Count; i++)
                Check($"{key}:{i}", SipUri.TryParse(uris[i], out _), $"\"{uris[i]}\" is no SIP URI");
        }
    }

    /// <summary>One address is a block of one.</summary>
    internal static bool TryParseNetwork(string text, out IPNetwork network)
    {
        if (text.Contains('/', StringComparison.Ordinal))
            return IPNetwork.TryParse(text, out network);

        network = default;
        if (!IPAddress.TryParse(text, out var address))
            return false;

        network = new(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}
