using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Xdm;

/// <summary>HTTP Digest (RFC 7616) of the running sidecar with curl's own, which takes what is offered first.</summary>
public abstract class DigestTests(DemoProfile profile, string users) : Flow(profile)
{
    private const string ListsType = "application/resource-lists+xml";
    private const string List = "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"/>";

    protected override IReadOnlyList<string> Settings => ["--XcapServer:DigestFile=" + users];

    [Theory]
    [InlineData("alice:wonderland", "alice", 201)]
    [InlineData("bob:wonderland", "bob", 201)]
    [InlineData("alice:wonderland", "bob", 403)]
    [InlineData("alice:guess", "alice", 401)]
    [InlineData("nobody:wonderland", "nobody", 401)]
    public async Task A_password_proves_who_one_is(string credentials, string user, int status)
    {
        var uri = $"http://127.0.0.1:8080/xcap-root/resource-lists/users/sip:{user}@example.com/by-digest";
        await Curl.DeleteAsync(uri, user);

        var answer = await Curl.PutAsync(uri, "", ListsType, List, "--digest", "-u", credentials);

        Assert.Equal(status, answer.Status);
    }
}

/// <summary>With SHA-256.</summary>
public sealed class Sha256DigestTests(DemoProfile profile) : DigestTests(profile, XcapUsers.Sha256);

/// <summary>With MD5.</summary>
public sealed class Md5DigestTests(DemoProfile profile) : DigestTests(profile, XcapUsers.Md5);
