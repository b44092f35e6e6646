using ImSidecar.Client.Sip;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>RFC 7616 3.9.1 and RFC 3261 22: digest credentials and the REGISTER that carries them.</summary>
public class DigestTests
{
    private const string Nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    private const string ClientNonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    [Theory]
    [InlineData("MD5", "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    public void The_examples_of_the_RFC_come_out(string algorithm, string response)
    {
        var challenge = new DigestChallenge("http-auth@example.org", Nonce, algorithm, null, HasQop: true);

        var answer = new DigestCredentials("Mufasa", "Circle of Life")
            .Answer(challenge, "GET", "/dir/index.html", ClientNonce);

        Assert.Contains($"response=\"{response}\"", answer);
        Assert.Contains("qop=auth, nc=00000001", answer);
    }

    [Fact]
    public async Task Register_answers_the_strongest_challenge_with_the_next_CSeq()
    {
        using var registrar = new ScriptedPeer();
        await using var alice = Handset("alice", proxy: registrar.Local);

        var registering = alice.RegisterAsync();
        var bare = await registrar.NextAsync("REGISTER");
        var challenge = ScriptedPeer.Respond(bare, 401)
            .Add("WWW-Authenticate", "Digest realm=\"example.com\", nonce=\"one\", qop=\"auth\"")
            .Add("WWW-Authenticate", "Digest realm=\"e.com\",nonce=\"two\",algorithm=SHA-256,qop=\"auth,auth-int\"");
        await registrar.SendAsync(challenge, alice);
        var authorized = await registrar.NextAsync("REGISTER");
        await registrar.SendAsync(ScriptedPeer.Respond(authorized, 200).CopyFrom(authorized, "Contact"), alice);
        var response = await Within(registering);

        Assert.Equal(200, response.Status);
        Assert.Null(bare["Authorization"]);
        Assert.Contains("nonce=\"two\"", authorized["Authorization"]);
        Assert.Equal((bare.CallId, bare.FromTag, bare.CSeq + 1),
            (authorized.CallId, authorized.FromTag, authorized.CSeq));
        Assert.NotEqual(bare.Branch, authorized.Branch);
        Assert.Contains("+g.oma.sip-im", authorized["Contact"]);
    }

    [Fact]
    public async Task A_second_refusal_is_final()
    {
        using var registrar = new ScriptedPeer();
        await using var alice = Handset("alice", proxy: registrar.Local);

        var registering = alice.RegisterAsync();
        for (var i = 0; i < 2; i++)
        {
            var request = await registrar.NextAsync("REGISTER");
            await registrar.SendAsync(ScriptedPeer.Respond(request, 401)
                .Add("WWW-Authenticate", $"Digest realm=\"example.com\", nonce=\"{i}\", qop=\"auth\""), alice);
        }

        Assert.Equal(401, (await Within(registering)).Status);
    }
}
