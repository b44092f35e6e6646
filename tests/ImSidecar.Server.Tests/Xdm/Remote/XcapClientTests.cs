using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>One GET: how it is asked for, and what is taken for an answer.</summary>
public class XcapClientTests
{
    [Fact]
    public async Task A_group_is_looked_up_by_its_URI_in_the_global_tree()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Always(ScriptedXdms.Document("<group/>", "\"a1\""));

        var document = await world.ReadAsync();

        Assert.Equal("a1", document!.ETag);
        Assert.Equal(RemoteWorld.Group, document.Selector);
        Assert.StartsWith(
            "GET /xcap-root/org.openmobilealliance.groups/global/byGroupID/sip:skiers@groups.example.com HTTP/1.1\r\n",
            Assert.Single(world.Xdms.Requests));
    }

    [Fact]
    public async Task A_product_that_calls_the_folder_byGroup_is_asked_so()
    {
        await using var world = new RemoteWorld(options => options with { GroupFolder = "byGroup" });

        Assert.Null(await world.ReadAsync());

        Assert.Contains("/global/byGroup/sip:skiers@groups.example.com ", world.Xdms.Requests[0]);
    }

    [Theory]
    [InlineData("sip:a/b@example.com", "index", "users/sip:a%2Fb@example.com/index")]
    [InlineData("sip:a\r\nX: y@example.com", "index", "users/sip:a%0D%0AX:%20y@example.com/index")]
    [InlineData("sip:é%?#\"@example.com", "index", "users/sip:%C3%A9%25%3F%23%22@example.com/index")]
    [InlineData("tel:+491701234", "folder/my list", "users/tel:+491701234/folder/my%20list")]
    public async Task What_no_segment_may_hold_is_escaped(string user, string path, string expected)
    {
        await using var world = new RemoteWorld();

        Assert.Null(await world.ReadAsync(new(ApplicationUsage.ResourceLists, user, path)));

        var head = Assert.Single(world.Xdms.Requests);
        Assert.StartsWith($"GET /xcap-root/resource-lists/{expected} HTTP/1.1\r\n", head);
        Assert.Single(head.Split("\r\n"), line => line.StartsWith("X", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("sip:alice@example.com", "../sip:bob@example.com/index")]
    [InlineData("..", "index")]
    [InlineData(".", "index")]
    [InlineData("sip:alice@example.com", "")]
    [InlineData("sip:alice@example.com", "a//b")]
    public async Task A_name_that_would_lead_elsewhere_is_no_document(string user, string path)
    {
        await using var world = new RemoteWorld();

        Assert.Null(await world.ReadAsync(new(ApplicationUsage.ResourceLists, user, path)));

        Assert.Empty(world.Xdms.Requests);
    }

    [Theory]
    [InlineData(true, "\"sip:alice@example.com\"")]
    [InlineData(false, "\"sip:im-server@example.com\"")]
    public async Task We_ask_as_the_owner_or_as_who_is_configured(bool asOwner, string expected)
    {
        await using var world = new RemoteWorld(options => options with
        {
            AssertedIdentity = "sip:im-server@example.com",
            AssertOwner = asOwner,
        });

        await world.ReadAsync(RemoteWorld.List);

        Assert.Contains("\r\nX-3GPP-Asserted-Identity: " + expected + "\r\n", world.Xdms.Requests[0]);
    }

    [Fact]
    public async Task In_the_global_tree_we_are_nobody_unless_configured()
    {
        await using var world = new RemoteWorld(
            options => options with { IdentityHeader = "X-XCAP-Asserted-Identity" });
        await using var named = new RemoteWorld(options => options with
        {
            IdentityHeader = "X-XCAP-Asserted-Identity",
            AssertedIdentity = "sip:im@example.com",
        });

        await world.ReadAsync();
        await named.ReadAsync();

        Assert.DoesNotContain("Identity", world.Xdms.Requests[0]);
        Assert.Contains("\r\nX-XCAP-Asserted-Identity: \"sip:im@example.com\"\r\n", named.Xdms.Requests[0]);
    }

    [Theory]
    [InlineData("W/\"a\"", "a")]
    [InlineData("unquoted", "unquoted")]
    [InlineData("\"\"", "")]
    public async Task A_tag_goes_back_as_it_came(string onTheWire, string etag)
    {
        await using var world = new RemoteWorld();
        world.Xdms.Serve("<group/>", onTheWire);
        Assert.Equal(etag, (await world.ReadAsync())!.ETag);

        world.Time.Advance(world.Options.RevalidateAfter);
        await world.SweepAsync();

        Assert.Contains("\r\nIf-None-Match: " + onTheWire + "\r\n", world.Xdms.Requests[1]);
        Assert.Equal("<group/>", await world.ReadTextAsync());
        Assert.Empty(world.Changes);
    }

    [Fact]
    public async Task A_document_without_a_tag_has_one_of_its_content()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Always(ScriptedXdms.Document("<a/>", etag: null));
        var first = (await world.ReadAsync())!.ETag;

        world.Time.Advance(world.Options.RevalidateAfter);
        await world.SweepAsync();
        Assert.Empty(world.Changes);
        world.Xdms.Always(ScriptedXdms.Document("<b/>", etag: null));
        world.Time.Advance(world.Options.RevalidateAfter);
        await world.SweepAsync();

        Assert.NotEmpty(first);
        Assert.NotEqual(first, (await world.ReadAsync())!.ETag);
        Assert.Single(world.Changes);
    }

    [Fact]
    public async Task A_document_of_unknown_length_comes_in_chunks()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Always(
            "HTTP/1.1 200 OK\r\nContent-Type: application/resource-lists+xml\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "4\r\n<gro\r\n4\r\nup/>\r\n0\r\n\r\n");

        Assert.Equal("<group/>", await world.ReadTextAsync());
    }

    [Theory]
    [InlineData(301, "the XDMS answered 301")]
    [InlineData(400, "the XDMS answered 400")]
    [InlineData(401, "the XDMS does not know us (401)")]
    [InlineData(403, "the XDMS answered 403")]
    [InlineData(500, "the XDMS answered 500")]
    [InlineData(503, "the XDMS answered 503")]
    [InlineData(204, "the XDMS answered 204")]
    [InlineData(304, "the XDMS answered 304")]
    public async Task Any_other_answer_means_that_nothing_is_known(int code, string reason)
    {
        await using var world = new RemoteWorld();
        world.Xdms.Always(code is 204 or 304
            ? $"HTTP/1.1 {code} Said\r\n\r\n"
            : ScriptedXdms.Status(code));

        Assert.Equal(reason, await world.ReadFailureAsync());
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var world = new RemoteWorld();
        await using var other = new ScriptedXdms();
        other.Always(ScriptedXdms.Document("<group/>"));
        world.Xdms.Always($"HTTP/1.1 302 Found\r\nLocation: {other.Root}\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal("the XDMS answered 302", await world.ReadFailureAsync());
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\n<html/>")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n<a/>")]
    public async Task What_is_not_XML_is_no_document(string answer)
    {
        await using var world = new RemoteWorld();
        world.Xdms.Always(answer);

        Assert.Equal("the XDMS answered with something that is not XML", await world.ReadFailureAsync());
    }

    [Theory]
    [InlineData("220 mail.example.com ESMTP\r\n")]
    [InlineData("\0\u0001\u0002\u0003")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 10\r\n\r\n<a/>")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<a/>\r\n")]
    public async Task Garbage_and_half_answers_are_failures(string bytes)
    {
        await using var world = new RemoteWorld();
        world.Xdms.Script = async (_, to, _) =>
        {
            await ScriptedXdms.WriteAsync(to, bytes);
            throw new IOException("hung up");
        };

        Assert.Contains("XDMS", await world.ReadFailureAsync());
        Assert.True(world.Health.IsFailing);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_document_beyond_the_limit_is_not_read_to_its_end(bool saysSo)
    {
        await using var world = new RemoteWorld(options => options with { MaxDocumentBytes = 4096 });
        var written = 0L;
        world.Xdms.Script = async (_, to, cancellation) =>
        {
            await ScriptedXdms.WriteAsync(to, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
                + (saysSo ? "Content-Length: 1000000000\r\n\r\n" : "\r\n"));
            for (; written < 1_000_000_000; written += 8192)
                await to.WriteAsync(new byte[8192], cancellation);
        };

        Assert.Equal("the document has more than 4096 bytes", await world.ReadFailureAsync());
        Assert.InRange(written, 0, 64_000_000);
        Assert.False(world.Health.IsFailing);
    }

    [Fact]
    public async Task One_that_hangs_or_drips_is_given_up_in_time()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Script = async (_, to, cancellation) =>
        {
            await ScriptedXdms.WriteAsync(
                to, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 9999\r\n\r\n");
            while (true)
            {
                await to.WriteAsync("<"u8.ToArray(), cancellation);
                await Task.Delay(5, cancellation);
            }
        };
        var began = world.Time.GetUtcNow();

        Assert.Equal("the XDMS does not answer in time", await world.PassTimeAsync(world.ReadFailureAsync()));
        Assert.InRange(world.Time.GetUtcNow() - began, world.Options.Timeout, 3 * world.Options.Timeout);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_not_believed()
    {
        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var xdms = new ScriptedXdms(certificate);
        xdms.Always(ScriptedXdms.Document("<group/>"));
        await using var world = new RemoteWorld(options => options with { Root = xdms.Root.AbsoluteUri });

        Assert.Equal(
            "no TLS connection to the XDMS: its certificate or version", await world.ReadFailureAsync());
        Assert.Empty(xdms.Requests);
    }

    [Fact]
    public async Task Digest_is_answered_and_Basic_is_not()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "secret\n", TestContext.Current.CancellationToken);
        await using var world = new RemoteWorld(
            options => options with { UserName = "im", PasswordFile = file });
        File.Delete(file);

        world.Xdms.Always(
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
        await world.ReadFailureAsync(RemoteWorld.List);
        Assert.DoesNotContain("Authorization", Assert.Single(world.Xdms.Requests));

        world.Xdms.Script = (head, to, _) => ScriptedXdms.WriteAsync(
            to,
            head.Contains("Authorization: Digest", StringComparison.Ordinal)
                ? ScriptedXdms.Document("<group/>")
                : "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth\", "
                    + "algorithm=SHA-256\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal("<group/>", await world.ReadTextAsync());
        Assert.Contains("username=\"im\"", world.Xdms.Requests[^1]);
        Assert.DoesNotContain("secret", string.Concat(world.Xdms.Requests));
    }
}
