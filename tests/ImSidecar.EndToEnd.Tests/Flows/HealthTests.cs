using System.Net;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Health over HTTP, and the release version in SIP (Appendix F).</summary>
public class HealthTests(DemoProfile profile) : Flow(profile)
{
    [Theory]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    public async Task The_sidecar_says_how_it_is(string path, string status)
    {
        using var response = await Profile.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(
            $"\"status\":\"{status}\"",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.1/6")]
    public async Task Answers_and_requests_carry_the_release_version()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var refused = await Refusal(alice, ["sip:bob@example.com"], uri: "sip:other@im.example.com");

        foreach (var value in (string[])
            [.. group[alice].Answer.List("Server"), .. group[bob].Invite.List("User-Agent"), .. refused.List("Server")])
            Assert.Matches(@"^IM-serv/OMA1\.0 ImSidecar/\d+\.\d+\.\d+$", value);
        Assert.Equal(
            [1, 1, 1],
            [group[alice].Answer.Count("Server"), group[bob].Invite.Count("User-Agent"), refused.Count("Server")]);
    }
}
