using System.Net;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>The HTTP client towards the XDMS: nothing from the environment, nothing followed, nothing kept.</summary>
internal static class XcapHttp
{
    public static HttpClient CreateClient(XcapClientOptions options) => new(CreateHandler(options))
    {
        // Each GET has a time of its own, by the clock of the process.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public static string ReadPassword(string path)
    {
        using var reader = new StreamReader(path);
        return reader.ReadLine() ?? "";
    }

    private static SocketsHttpHandler CreateHandler(XcapClientOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxConnectionsPerServer = options.MaxConcurrent,
        MaxResponseHeadersLength = 16, // KiB
        // An answer that is not wanted is not read to its end.
        MaxResponseDrainSize = 0,
        // So that a change of address is noticed.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        Credentials = options.UserName.Length == 0 ? null : Credentials(options),
    };

    // Digest only: Basic would show the password to who asks for it.
    private static CredentialCache Credentials(XcapClientOptions options) => new()
    {
        {
            new Uri(options.Root), "Digest",
            new NetworkCredential(options.UserName, ReadPassword(options.PasswordFile))
        },
    };
}
