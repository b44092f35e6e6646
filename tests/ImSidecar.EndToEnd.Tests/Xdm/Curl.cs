using System.Diagnostics;
using System.Globalization;

namespace ImSidecar.EndToEnd.Tests.Xdm;

/// <summary>curl, an HTTP client that we did not write, with the path as it is given.</summary>
internal static class Curl
{
    public static Task<CurlAnswer> GetAsync(string uri, string user, params string[] more) =>
        RunAsync([.. As(user), .. more, uri]);

    public static Task<CurlAnswer> DeleteAsync(string uri, string user, params string[] more) =>
        RunAsync(["-X", "DELETE", .. As(user), .. more, uri]);

    public static async Task<CurlAnswer> PutAsync(
        string uri, string user, string type, string body, params string[] more)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, body);
            return await RunAsync(["-T", file, "-H", "Content-Type: " + type, .. As(user), .. more, uri]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public static async Task<CurlAnswer> RunAsync(params string[] arguments)
    {
        var body = Path.GetTempFileName();
        try
        {
            using var curl = Process.Start(
                new ProcessStartInfo(
                    "curl", ["-s", "-S", "-g", "--path-as-is", "-m", "20", "-D", "-", "-o", body, .. arguments])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            var error = curl.StandardError.ReadToEndAsync();
            var heads = await curl.StandardOutput.ReadToEndAsync();
            await curl.WaitForExitAsync();
            Assert.True(curl.ExitCode == 0, $"curl ended with {curl.ExitCode}: {await error}");
            return CurlAnswer.Of(heads, await File.ReadAllTextAsync(body));
        }
        finally
        {
            File.Delete(body);
        }
    }

    // The demo trusts what a client on this machine asserts.
    private static string[] As(string user) =>
        user.Length == 0 ? [] : ["-H", $"X-3GPP-Asserted-Identity: \"sip:{user}@example.com\""];
}

/// <summary>The last answer that curl got.</summary>
internal sealed record CurlAnswer(int Status, IReadOnlyList<string> Head, string Body)
{
    public string? ETag => Header("ETag");

    public static CurlAnswer Of(string heads, string body)
    {
        var last = heads.Trim().Split("\r\n\r\n")[^1].Split("\r\n");
        return new(int.Parse(last[0].Split(' ')[1], CultureInfo.InvariantCulture), last, body);
    }

    public string? Header(string name) => Head
        .FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];
}
