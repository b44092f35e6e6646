using System.Text;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Edge;

/// <summary>Credentials hold for who made them and go no further than Kamailio.</summary>
public class CredentialTests(DemoProfile profile) : Flow(profile)
{
    [Theory]
    [InlineData("username=\"dave\"", "username=\"alice\"")]
    [InlineData("realm=\"example.com\"", "realm=\"example.org\"")]
    [InlineData("response=\"", "response=\"0")]
    [InlineData("Digest ", "Basic ")]
    [InlineData("nonce=\"", "nonce=\"A")]
    [InlineData("uri=\"sip:", "uri=\"sip:x")]
    public async Task Changed_ones_are_challenged_again(string part, string instead)
    {
        using var dave = new Attacker();
        var request = dave.Request("OPTIONS", DemoProfile.Factory);
        var challenge = await dave.AskOnceAsync(request);
        var authorized = dave.Authorize(request, challenge);
        var value = authorized["Proxy-Authorization"]!;
        Assert.Contains(part, value, StringComparison.Ordinal);

        var answer = await dave.AskOnceAsync(authorized.Set("Proxy-Authorization", value.Replace(part, instead)));

        Assert.Contains(answer.Status, (int[])[400, 407]);
    }

    [Fact]
    public async Task A_registration_is_its_owners()
    {
        using var dave = new Attacker();
        var register = dave.Request("REGISTER", "sip:example.com", to: "sip:bob@example.com")
            .Add("Contact", dave.Contact).Add("Expires", "60");

        Assert.Contains((await dave.AskAsync(register)).Status, (int[])[401, 403]);
    }

    [Fact]
    public async Task Nobody_else_sees_them()
    {
        var (alice, bob, _) = await RegisterThree();
        var message = alice.CreateRequest("MESSAGE", bob.AddressOfRecord)
            .Add("Proxy-Authorization", "Digest username=\"alice\", realm=\"elsewhere\", nonce=\"1\", uri=\"a\", response=\"2\"")
            .WithBody("text/plain", Encoding.UTF8.GetBytes("hello"));
        var first = await Within(alice.SendAsync(message));
        var calling = alice.Invite(bob.AddressOfRecord);
        var called = await Group.AcceptAsync(bob);
        var call = await Within(calling.Answered);
        await Within(call.SendAsync("INFO", headers: [("Proxy-Authorization", "Digest username=\"alice\"")]));

        Assert.Contains(first.Status, (int[])[200, 407]);
        Assert.DoesNotContain(
            bob.Trace.Where(record => !record.IsOutgoing && record.Message.IsRequest)
                .SelectMany(record => record.Message.Headers),
            header => header.Name.EndsWith("Authorization", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(200, (await Within(called.ByeAsync())).Status);
    }

    [Fact]
    public async Task A_broken_line_hides_no_assertion()
    {
        var bob = await Register("bob");
        using var dave = new Attacker();
        Profile.Capture.Exempt(dave.Local.Port, "broken lines", answersToo: true);
        var request = dave.Request("MESSAGE", bob.AddressOfRecord);
        var challenge = await dave.AskOnceAsync(request);

        foreach (var broken in (string[])["a line without a name", ": no name", "X\0Y: 1", "Max-Forwards: 5"])
        {
            var message = dave.Authorize(dave.Request("MESSAGE", bob.AddressOfRecord), challenge)
                .AddFirst("Via", dave.Via()).Add("P-Asserted-Identity", "<sip:alice@example.com>");
            var text = Encoding.UTF8.GetString(SipCodec.Write(message));
            foreach (var after in (string[])["Content-Length", "P-Asserted-Identity"])
                await dave.SendAsync(text.Replace(after, broken + "\r\n" + after));
        }

        await dave.AssertHeardAnswersOnlyAsync();
        while (bob.Messages.TryRead(out var heard))
            Assert.Equal(["<sip:dave@example.com>"], heard.List("P-Asserted-Identity"));
    }
}
