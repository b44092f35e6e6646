using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>Who asks: identities asserted by trusted proxies, HTTP Digest, and nobody else.</summary>
public sealed class XcapIdentityTests : IDisposable
{
    private const string Asserted = "X-3GPP-Asserted-Identity";
    private const string AliceSecret = "wonderland";

    private const string Credentials =
        "Digest username=\"alice\", realm=\"example.com\", nonce=\"x\", uri=\"/\", response=\"0\"";

    private readonly string _file = Path.GetTempFileName();

    public XcapIdentityTests() => WriteUsers(
        "# users", Line("alice", AliceSecret), Line("bob", "builder", sha256: true), Line("bob", "builder"),
        Line("sip:carol@example.net", "c"), "broken line", "eve:other.example.com:" + new string('0', 32));

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("\"sip:alice@example.com\"")]
    [InlineData("sip:alice@example.com")]
    [InlineData("\"sip:alice@example.com\", \"sip:alice@EXAMPLE.com;transport=tcp\"")]
    [InlineData("<sip:alice@example.com>")]
    [InlineData("\"tel:+15550100\", \"sip:alice@example.com\"")]
    public async Task An_identity_asserted_by_a_trusted_proxy_is_believed(string value)
    {
        await using var host = await XcapHost.StartAsync();

        Assert.Equal(404, (await host.GetAsync(XcapHost.ListPath, null, (Asserted, value))).Code);
    }

    [Theory]
    [InlineData("alice, \"sip:alice@example.com\"")]
    [InlineData("\"sip:alice@example.com\", \"\"")]
    public async Task A_list_with_what_is_no_identity_is_nobody(string value)
    {
        await using var host = await XcapHost.StartAsync();

        Assert.Equal(400, (await host.GetAsync(XcapHost.ListPath, null, (Asserted, value))).Code);
    }

    [Fact]
    public async Task A_header_of_the_client_beside_that_of_the_proxy_makes_him_nobody_else()
    {
        await using var host = await XcapHost.StartAsync();
        var target = host.Root.AbsolutePath + XcapHost.ListPath;

        var same = await host.SendRawAsync("GET", target, $"{XcapHost.Alice}\"\r\n{Asserted}: \"{XcapHost.Alice}");
        var other = await host.SendRawAsync("GET", target, $"{XcapHost.Alice}\"\r\n{Asserted}: \"{XcapHost.Bob}");

        Assert.Equal(("400", "400"), (same, other));
    }

    [Fact]
    public async Task Only_the_header_that_is_configured_is_believed()
    {
        await using var host = await XcapHost.StartAsync(("IdentityHeader", "X-XCAP-Asserted-Identity"));
        var bob = ("X-XCAP-Asserted-Identity", $"\"{XcapHost.Bob}\"");

        var alone = await host.GetAsync(XcapHost.ListPath, XcapHost.Alice);
        var impersonating = await host.GetAsync(XcapHost.ListPath, XcapHost.Alice, bob);
        var own = await host.GetAsync("resource-lists/users/sip:bob@example.com/index", XcapHost.Alice, bob);

        Assert.Equal((401, 403, 404), (alone.Code, impersonating.Code, own.Code));
    }

    [Theory]
    [InlineData("127.0.0.0/8", 404)]
    [InlineData("127.0.0.1", 404)]
    [InlineData("::1", 401)]
    [InlineData("192.0.2.0/24", 401)]
    [InlineData("127.0.0.2", 401)]
    public async Task Only_trusted_addresses_assert_identities(string trusted, int code)
    {
        await using var host = await XcapHost.StartAsync(("TrustedProxies:0", trusted));

        Assert.Equal(code, (await host.GetAsync(XcapHost.ListPath)).Code);
    }

    [Theory]
    [InlineData("X-3GPP-Asserted-Identity", "")]
    [InlineData("X-3GPP-Asserted-Identity", "alice")]
    [InlineData("X-3GPP-Asserted-Identity", "\"")]
    [InlineData("X-3GPP-Asserted-Identity", "\"sip:alice%0a@example.com\"")]
    [InlineData("X-3GPP-Intended-Identity", "\"sip:alice@example.com\"")]
    [InlineData("X-XCAP-Asserted-Identity", "\"sip:alice@example.com\"")]
    [InlineData("P-Asserted-Identity", "<sip:alice@example.com>")]
    [InlineData("X-Nothing", "x")]
    public async Task Nobody_is_let_in_without_an_asserted_identity(string header, string value)
    {
        await using var host = await XcapHost.StartAsync();

        var get = await host.GetAsync(XcapHost.ListPath, null, (header, value));
        var put = await host.PutAsync(XcapHost.ListPath, XcapHost.ListsType, XcapHost.Lists(), null, (header, value));
        var nonsense = await host.GetAsync("nonsense", null, (header, value));

        Assert.Equal((401, 401, 401), (get.Code, put.Code, nonsense.Code));
    }

    [Fact]
    public async Task What_a_client_intends_to_be_does_not_count_beside_who_it_is()
    {
        await using var host = await XcapHost.StartAsync();

        var answer = await host.GetAsync(
            XcapHost.ListPath, XcapHost.Bob, ("X-3GPP-Intended-Identity", $"\"{XcapHost.Alice}\""));

        Assert.Equal(403, answer.Code);
    }

    [Theory]
    [InlineData("alice", AliceSecret, "MD5", "sip:alice@example.com")]
    [InlineData("bob", "builder", "MD5", "sip:bob@example.com")]
    [InlineData("bob", "builder", "SHA-256", "sip:bob@example.com")]
    [InlineData("sip:carol@example.net", "c", "MD5", "sip:carol@example.net")]
    public async Task A_password_proves_a_user(string user, string password, string algorithm, string identity)
    {
        await using var host = await DigestHostAsync();
        var client = new DigestClient(host, user, password, algorithm);

        var put = await client.SendAsync("PUT", $"resource-lists/users/{identity}/index");
        var get = await client.SendAsync("GET", $"resource-lists/users/{identity}/index");
        var other = await client.SendAsync("GET", "resource-lists/users/sip:dave@example.com/index");

        Assert.Equal((201, 200, 403), (put.Code, get.Code, other.Code));
    }

    [Theory]
    [InlineData("alice", "wrong", "MD5")]
    [InlineData("nobody", AliceSecret, "MD5")]
    [InlineData("alice", AliceSecret, "SHA-256")]
    [InlineData("eve", "x", "MD5")]
    public async Task A_wrong_password_is_challenged_again(string user, string password, string algorithm)
    {
        await using var host = await DigestHostAsync();

        var answer = await new DigestClient(host, user, password, algorithm).SendAsync("GET", XcapHost.ListPath);

        Assert.Equal(401, answer.Code);
        Assert.DoesNotContain("stale=true", Challenge(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MD5, SHA-256", false, false)]
    [InlineData("SHA-256, MD5", true, false)]
    [InlineData("SHA-256", true, true)]
    public async Task The_challenge_offers_first_what_every_user_has(
        string offered, bool allHaveSha256, bool noneHasMd5)
    {
        List<string> users = [Line("bob", "builder", sha256: true)];
        if (!noneHasMd5)
            users.Add(Line("alice", AliceSecret));
        if (allHaveSha256)
            users.Add(Line("alice", AliceSecret, sha256: true));
        WriteUsers([.. users]);
        await using var host = await DigestHostAsync();

        var answer = await host.GetAsync(XcapHost.ListPath, null);

        var challenges = answer.Response.Headers.WwwAuthenticate.Select(each => each.ToString()).ToArray();
        Assert.Equal(401, answer.Code);
        Assert.Equal(
            offered, string.Join(", ", challenges.Select(each => each.Split("algorithm=")[1].Split(',')[0])));
        Assert.All(challenges, each =>
            Assert.Contains("realm=\"example.com\", qop=\"auth\"", each, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_to_a_challenge_is_good_once()
    {
        await using var host = await DigestHostAsync();
        var client = new DigestClient(host, "alice", AliceSecret, "MD5");
        Assert.Equal(404, (await client.SendAsync("GET", XcapHost.ListPath)).Code);

        var replayed = await client.ReplayAsync("GET", XcapHost.ListPath);
        var elsewhere = await client.ReplayAsync("GET", XcapHost.SkiPath);
        var next = await client.SendAsync("GET", XcapHost.ListPath);

        Assert.Equal(401, replayed.Code);
        Assert.Contains("stale=true", Challenge(replayed), StringComparison.Ordinal);
        Assert.Equal(400, elsewhere.Code);
        Assert.Equal(404, next.Code);
    }

    [Fact]
    public async Task A_nonce_that_we_did_not_make_is_replaced()
    {
        await using var host = await DigestHostAsync();
        var client = new DigestClient(host, "alice", AliceSecret, "MD5") { Nonce = new('A', 43) };

        var answer = await client.SendAsync("GET", XcapHost.ListPath);

        Assert.Equal(401, answer.Code);
        Assert.Contains("stale=true", Challenge(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_guesses_is_stopped_and_others_are_not()
    {
        await using var host = await DigestHostAsync(("MaxFailures", "3"));
        for (var guess = 0; guess < 3; guess++)
            Assert.Equal(401, (await TryAsync("alice", "guess" + guess)).Code);

        var right = await TryAsync("alice", AliceSecret);
        var bob = await TryAsync("bob", "builder");

        Assert.Equal(429, right.Code);
        Assert.Equal(60, right.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Equal(404, bob.Code);

        Task<Answer> TryAsync(string user, string password) => new DigestClient(host, user, password, "MD5")
            .SendAsync("GET", $"resource-lists/users/sip:{user}@example.com/index");
    }

    [Fact]
    public async Task The_file_of_users_is_read_again_when_it_changes()
    {
        await using var host = await DigestHostAsync();
        Assert.Equal(404, await TryAsync(AliceSecret));

        WriteUsers(Line("alice", "looking-glass"));
        await Task.Delay(1100, TestContext.Current.CancellationToken);

        Assert.Equal(401, await TryAsync(AliceSecret));
        Assert.Equal(404, await TryAsync("looking-glass"));
        File.Delete(_file);
        await Task.Delay(1100, TestContext.Current.CancellationToken);
        Assert.Equal(401, await TryAsync("looking-glass"));

        async Task<int> TryAsync(string password) =>
            (await new DigestClient(host, "alice", password, "MD5").SendAsync("GET", XcapHost.ListPath)).Code;
    }

    [Theory]
    [InlineData("Basic YWxpY2U6d29uZGVybGFuZA==")]
    [InlineData("Digest")]
    [InlineData("Digest username=\"alice\"")]
    [InlineData("Digest username=\"alice\", username=\"bob\", realm=\"example.com\"")]
    [InlineData(Credentials)]
    [InlineData(Credentials + ", qop=auth, nc=0000000g, cnonce=\"c\"")]
    [InlineData(Credentials + ", qop=auth-int, nc=00000001, cnonce=\"c\"")]
    [InlineData(Credentials + ", qop=auth, nc=00000001, cnonce=\"c\", algorithm=MD5-sess")]
    public async Task What_is_no_answer_to_a_challenge_is_challenged(string authorization)
    {
        await using var host = await DigestHostAsync();

        Assert.Equal(401, (await host.GetAsync(XcapHost.ListPath, null, ("Authorization", authorization))).Code);
    }

    private static string Challenge(Answer answer) => answer.Response.Headers.WwwAuthenticate.ToString();

    private static string Line(string user, string password, bool sha256 = false) =>
        $"{user}:example.com:{DigestClient.Hash($"{user}:example.com:{password}", sha256)}";

    private void WriteUsers(params string[] lines) => File.WriteAllLines(_file, lines);

    private Task<XcapHost> DigestHostAsync(params (string, string)[] more) =>
        XcapHost.StartAsync([("TrustedProxies:0", "192.0.2.1"), ("DigestFile", _file), .. more]);

    /// <summary>RFC 7616 from the other side.</summary>
    private sealed class DigestClient(XcapHost host, string user, string password, string algorithm)
    {
        private bool IsSha256 => algorithm == "SHA-256";

        private int _count;
        private string _last = "";

        public string? Nonce { get; set; }

        public async Task<Answer> SendAsync(string method, string path)
        {
            if (Nonce is null)
            {
                var challenge = await SendAsync(method, path, "");
                Assert.Equal(401, challenge.Code);
                Nonce = Challenge(challenge).Split("nonce=\"")[1].Split('"')[0];
            }

            return await SendAsync(method, path, _last = Authorization(method, path));
        }

        public Task<Answer> ReplayAsync(string method, string path) => SendAsync(method, path, _last);

        public static string Hash(string text, bool sha256)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
#pragma warning disable CA5351
            return Convert.ToHexStringLower(sha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
#pragma warning restore CA5351
        }

        private string Authorization(string method, string path)
        {
            var uri = new Uri(host.Root, path).PathAndQuery;
            var count = (++_count).ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
            var secret = Hash($"{user}:example.com:{password}", IsSha256);
            var response = Hash(
                $"{secret}:{Nonce}:{count}:c:auth:{Hash($"{method}:{uri}", IsSha256)}", IsSha256);
            return $"Digest username=\"{user}\", realm=\"example.com\", nonce=\"{Nonce}\", uri=\"{uri}\", "
                + $"response=\"{response}\", algorithm={algorithm}, qop=auth, nc={count}, cnonce=\"c\"";
        }

        private Task<Answer> SendAsync(string method, string path, string authorization)
        {
            (string, string)[] headers = authorization.Length == 0 ? [] : [("Authorization", authorization)];
            return method == "PUT"
                ? host.PutAsync(path, XcapHost.ListsType, XcapHost.Lists(), null, headers)
                : host.SendAsync(new(method), path, null, null, headers);
        }
    }
}
