using ImSidecar.Msrp.Relay;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests.Relay;

/// <summary>RFC 4976 5.1, 6.1: who gets a session of the relay, for how long, and how he is asked who he is.</summary>
public sealed class AuthTests : IDisposable
{
    private readonly List<RelayHost> _hosts = [];
    private readonly List<RelayEnd> _ends = [];

    public void Dispose()
    {
        _ends.ForEach(each => each.Dispose());
        _hosts.ForEach(each => each.Dispose());
    }

    [Fact]
    public async Task Both_algorithms_are_offered_when_there_are_users_of_both()
    {
        var (relay, end) = await StartAsync();

        var challenge = await end.AskAsync("AUTH", [relay.Uri]);

        Assert.Equal(401, challenge.Head.Status);
        Assert.Equal(
            [true, true],
            new[] { "SHA-256", "MD5" }.Select(each => challenge.Head.Fields.Any(
                field => field.Name == "WWW-Authenticate" && field.Value.Contains($"algorithm={each}, nonce="))));
        Assert.All(
            challenge.Head.Fields.Where(each => each.Name == "WWW-Authenticate"),
            each => Assert.StartsWith("Digest realm=\"example.com\", qop=\"auth\"", each.Value));
    }

    [Theory, InlineData("bob", "MD5"), InlineData("bob", "SHA-256"), InlineData("alice", "SHA-256")]
    public async Task Who_proves_himself_gets_a_path_for_a_while(string user, string algorithm)
    {
        var (relay, end) = await StartAsync();

        var granted = await end.AuthAsync(relay.Uri, user, algorithm: algorithm);

        Assert.Equal((200, "900"), (granted.Head.Status, granted.Head.Find("Expires")));
        Assert.Matches($"^msrp://127.0.0.1:{relay.Port}/[0-9a-f]{{30}};tcp$", granted.Head.Find("Use-Path"));
        Assert.Matches(
            "^nextnonce=\"[^\"]+\", qop=auth, rspauth=\"[0-9a-f]+\", cnonce=\"abc\", nc=00000001$",
            granted.Head.Find("Authentication-Info"));
        Assert.Equal([relay.Uri], granted.Head.FromPath);
    }

    [Theory, InlineData("alice", "wrong"), InlineData("nobody", "x"), InlineData("alice", "")]
    public async Task A_wrong_password_is_asked_for_again(string user, string password)
    {
        var (relay, end) = await StartAsync();

        Assert.Equal(401, (await end.AuthAsync(relay.Uri, user, password)).Head.Status);
        Assert.Equal(0, relay.Server.Sessions.Count);
    }

    [Fact]
    public async Task Who_guesses_passwords_is_locked_out_and_others_are_not()
    {
        var (relay, end) = await StartAsync(options => options with { MaxFailures = 3 });
        for (var i = 0; i < 3; i++)
            Assert.Equal(401, (await end.AuthAsync(relay.Uri, "alice", "guess" + i)).Head.Status);

        Assert.Equal(403, (await end.AuthAsync(relay.Uri, "alice")).Head.Status);
        Assert.Equal(200, (await end.AuthAsync(relay.Uri, "bob")).Head.Status);
        relay.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await end.AuthAsync(relay.Uri, "alice")).Head.Status);
    }

    [Fact]
    public async Task An_answer_to_a_challenge_counts_once_and_not_for_ever()
    {
        var (relay, end) = await StartAsync();
        var challenge = (await end.AskAsync("AUTH", [relay.Uri])).Head.Find("WWW-Authenticate")!;
        var algorithm = challenge.Contains("SHA-256") ? "SHA-256" : "MD5";
        var answer = RelayEnd.Digest(challenge, relay.Uri, "bob", RelayHost.Password("bob"), algorithm);

        Assert.Equal(200, (await end.AskAsync("AUTH", [relay.Uri], $"Authorization: {answer}\r\n")).Head.Status);
        var again = await end.AskAsync("AUTH", [relay.Uri], $"Authorization: {answer}\r\n");
        Assert.Equal(401, again.Head.Status);
        Assert.EndsWith("stale=true", again.Head.Find("WWW-Authenticate"));

        var other = (await end.AskAsync("AUTH", [relay.Uri])).Head.Find("WWW-Authenticate")!;
        answer = RelayEnd.Digest(other, relay.Uri, "bob", RelayHost.Password("bob"), algorithm);
        relay.Clock.Advance(relay.Options.NonceLifetime + TimeSpan.FromSeconds(1));
        Assert.EndsWith(
            "stale=true",
            (await end.AskAsync("AUTH", [relay.Uri], $"Authorization: {answer}\r\n")).Head.Find("WWW-Authenticate"));
    }

    [Theory]
    [InlineData("59", 423, "Min-Expires", "60")]
    [InlineData("3601", 423, "Max-Expires", "3600")]
    [InlineData("0", 423, "Min-Expires", "60")]
    [InlineData("60", 200, "Expires", "60")]
    [InlineData("soon", 400, "Expires", null)]
    public async Task A_time_out_of_bounds_is_refused_with_the_bound(
        string expires, int status, string field, string? value)
    {
        var (relay, end) = await StartAsync();

        var answer = await end.AuthAsync(relay.Uri, "alice", fields: $"Expires: {expires}\r\n");

        Assert.Equal((status, value), (answer.Head.Status, answer.Head.Find(field)));
    }

    [Fact]
    public async Task A_session_ends_when_it_is_not_refreshed()
    {
        var relay = Start();
        var (alice, bob) = (await JoinAsync(relay, "alice"), await JoinAsync(relay, "bob"));
        relay.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(200, (await alice.AuthAsync(alice.UsePath[0], "alice")).Head.Status);

        relay.Clock.Advance(TimeSpan.FromMinutes(10));
        relay.Server.Supervise();

        await bob.SendAsync(alice, "Still there?");
        Assert.Equal(481, await bob.ReadAnswerAsync());
        await alice.SendAsync(bob, "I am");
        Assert.Equal(481, await alice.ReadAnswerAsync());
        Assert.Equal(1, relay.Server.Sessions.Count);
    }

    [Fact]
    public async Task A_refresh_keeps_the_path_and_somebody_elses_is_refused()
    {
        var relay = Start();
        var (alice, bob) = (await JoinAsync(relay, "alice"), await JoinAsync(relay, "bob"));

        var kept = await alice.AuthAsync(alice.UsePath[0], "alice");
        Assert.Equal(alice.UsePath[0].ToString(), kept.Head.Find("Use-Path"));
        Assert.Equal(403, (await bob.AuthDirectAsync(alice.UsePath[0], "bob")).Head.Status);
    }

    [Fact]
    public async Task AUTH_needs_TLS_unless_the_operator_says_otherwise()
    {
        var (relay, end) = await StartAsync(options => options with { AllowPlainAuth = false });

        Assert.Equal(403, (await end.AskAsync("AUTH", [relay.Uri])).Head.Status);
    }

    [Theory]
    [InlineData("MaxSessions"), InlineData("MaxSessionsPerUser"), InlineData("MaxSessionsPerAddress")]
    public async Task Sessions_are_bounded_in_all_by_user_and_by_address(string limit)
    {
        var relay = Start(options => options with
        {
            MaxSessions = limit == "MaxSessions" ? 2 : 100,
            MaxSessionsPerUser = limit == "MaxSessionsPerUser" ? 2 : 100,
            MaxSessionsPerAddress = limit == "MaxSessionsPerAddress" ? 2 : 100,
        });
        var (first, second) = (await JoinAsync(relay, "alice"), await JoinAsync(relay, "alice"));

        Assert.Equal(403, (await (await EndAsync(relay)).AuthAsync(relay.Uri, "alice")).Head.Status);
        Assert.Equal(
            limit == "MaxSessionsPerUser" ? 200 : 403,
            (await (await EndAsync(relay)).AuthAsync(relay.Uri, "bob")).Head.Status);
        Assert.NotEqual(first.UsePath[0], second.UsePath[0]);
    }

    [Fact]
    public async Task A_user_whose_clients_are_gone_does_not_stand_in_his_own_way()
    {
        var relay = Start(options => options with { MaxSessionsPerUser = 1 });
        (await JoinAsync(relay, "alice")).Dispose();

        var end = await EndAsync(relay);
        MsrpFrame answer;
        do
        {
            answer = await end.AuthAsync(relay.Uri, "alice");
        }
        while (answer.Head.Status == 403);

        Assert.Equal(200, answer.Head.Status);
        Assert.Equal(1, relay.Server.Sessions.Count);
    }

    [Fact]
    public async Task A_client_that_connects_again_keeps_its_session_by_AUTH_and_not_before()
    {
        var relay = Start();
        var (alice, bob) = (await JoinAsync(relay, "alice"), await JoinAsync(relay, "bob"));
        alice.Dispose();
        await UntilAsync(() => relay.Server.Sessions.Find(alice.UsePath[0].SessionId)!.Owner is null);
        await bob.SendAsync(alice, "Gone?");
        Assert.Equal(408, await bob.ReadAnswerAsync());

        var again = Keep(await RelayEnd.ConnectAsync(relay.Port, alice));
        await again.SendAsync(bob, "Back");
        Assert.Equal(403, await again.ReadAnswerAsync());
        Assert.Equal(200, (await again.AuthAsync(again.UsePath[0], "alice")).Head.Status);
        await again.SendAsync(bob, "Back");
        await bob.ReadSendAsync();
        await bob.SendAsync(again, "Good");
        await again.ReadSendAsync();

        var third = Keep(await RelayEnd.ConnectAsync(relay.Port, alice));
        Assert.Equal(200, (await third.AuthAsync(third.UsePath[0], "alice")).Head.Status);
        await bob.SendAsync(third, "And again");
        await third.ReadSendAsync();
    }

    [Fact]
    public async Task A_session_without_client_ends_after_a_while()
    {
        var relay = Start();
        (await JoinAsync(relay, "alice")).Dispose();
        await UntilAsync(() => relay.Server.Connections == 0);

        await relay.PassAsync(relay.Options.ReconnectWithin + TimeSpan.FromSeconds(1));
        relay.Server.Supervise();

        Assert.Equal(0, relay.Server.Sessions.Count);
    }

    private RelayHost Start(Func<RelayOptions, RelayOptions>? change = null)
    {
        var relay = new RelayHost(change);
        _hosts.Add(relay);
        return relay;
    }

    private async Task<(RelayHost, RelayEnd)> StartAsync(Func<RelayOptions, RelayOptions>? change = null)
    {
        var relay = Start(change);
        return (relay, await EndAsync(relay));
    }

    private async Task<RelayEnd> EndAsync(RelayHost relay) => Keep(await RelayEnd.ConnectAsync(relay.Port, "end"));

    private async Task<RelayEnd> JoinAsync(RelayHost relay, string user) => Keep(await relay.JoinAsync(user));

    private RelayEnd Keep(RelayEnd end)
    {
        _ends.Add(end);
        return end;
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var i = 0; i < 2000 && !isSo(); i++)
            await Task.Delay(10, TestContext.Current.CancellationToken);

        Assert.True(isSo());
    }
}
