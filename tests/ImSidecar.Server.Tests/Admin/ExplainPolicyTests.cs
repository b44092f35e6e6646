extern alias ctl;

using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using ctl::ImSidecar.Cli.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>imsidecarctl policy explain, from the command line through the socket to the rules.</summary>
public sealed class ExplainPolicyTests : IAsyncLifetime
{
    private const string Skiers = "sip:skiers@groups.example.com";
    private const string Alice = "sip:alice@example.com";
    private const string Bob = "sip:bob@example.com";

    private const string Ruleset =
        "<cr:ruleset xmlns:cr='urn:ietf:params:xml:ns:common-policy' xmlns:poc='urn:oma:xml:poc:poc-rules'>";

    private static readonly DocumentSelector _group = DocumentSelector.OfGroup(Skiers);
    private static readonly DocumentSelector _rules = new(ApplicationUsage.AccessRules, Bob, "access-rules");
    private static readonly DocumentSelector _lists = new(ApplicationUsage.ResourceLists, Bob, "index");

    private AdminHost? _host;

    private AdminHost Host => _host!;

    public async ValueTask InitializeAsync() => _host = await AdminHost.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    [Fact]
    public async Task A_member_may_and_the_rule_is_named()
    {
        Host.Documents.Put(_group, new GroupXml(Skiers, Alice));

        var answer = await Host.ExplainAsync("--group", Skiers, "--user", Alice, "--action", "join-handling");

        Assert.Equal((0, "allowed: join-handling is true: rule \"members\" (is-list-member)\n", ""), answer);
    }

    [Fact]
    public async Task A_stranger_may_not_and_the_warning_he_gets_is_told()
    {
        Host.Documents.Put(_group, new GroupXml(Skiers, Alice) { Externals = ["http://x/nowhere"] });

        var (code, output, error) =
            await Host.ExplainAsync("--group", Skiers, "--user", Bob, "--action", "join-handling");

        Assert.Equal((1, ""), (code, error));
        Assert.Equal(
            [
                $"denied: join-handling is false by default: no rule matches {Bob};"
                    + " rule \"members\": is-list-member does not hold;"
                    + " problem: 'http://x/nowhere' does not refer to a resource list",
                "warning: join-handling is false by default",
                "problem: 'http://x/nowhere' does not refer to a resource list",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task One_of_several_identities_is_enough_and_nobody_is_anonymous()
    {
        Host.Documents.Put(_group, new GroupXml(Skiers, Alice));

        var two = await Host.ExplainAsync(
            "--group", Skiers, "--user", "tel:+15550100", "--user", Alice, "--action", "join-handling");
        var nobody = await Host.ExplainAsync("--group", Skiers, "--anonymous", "--action", "join-handling");

        Assert.Equal(0, two.Code);
        Assert.Equal(1, nobody.Code);
        Assert.Contains("an anonymous requester", nobody.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whom_the_operator_bars_no_rule_helps()
    {
        Host.Documents.Put(_group, new GroupXml(Skiers, "sip:barred@example.com"));

        var answer = await Host.ExplainAsync(
            "--group", Skiers, "--user", "sip:barred@example.com", "--action", "join-handling");

        Assert.Equal(1, answer.Code);
        Assert.StartsWith("denied: User is barred from the IM service", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_or_had_denies()
    {
        Host.Documents.Put(_group, "<group/>");
        var unreadable = await Host.ExplainAsync("--group", Skiers, "--user", Alice, "--action", "join-handling");
        Host.Documents.IsAway = true;
        Host.Documents.Put(_group, new GroupXml(Skiers, Alice));
        var away = await Host.ExplainAsync("--group", Skiers, "--user", Alice, "--action", "join-handling");

        Assert.Equal(1, unreadable.Code);
        Assert.Contains("Group document cannot be used", unreadable.Output, StringComparison.Ordinal);
        Assert.Equal(1, away.Code);
        Assert.Contains("Group document is not available", away.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Alice, 0, "allowed: allow-invite is accept: rule \"friends\" (identity)")]
    [InlineData("sip:carol@example.com", 1, "denied: allow-invite is reject: rule \"others\" (no conditions)")]
    [InlineData("sip:mallory@example.com", 1, "is in the list oma_blockedcontacts")]
    public async Task Rules_of_a_user_are_explained_too(string user, int code, string text)
    {
        Host.Documents.Put(_rules, Ruleset
            + "<cr:rule id='friends'><cr:conditions><cr:identity><cr:one id='sip:alice@example.com'/></cr:identity>"
            + "</cr:conditions><cr:actions><poc:allow-invite>accept</poc:allow-invite></cr:actions></cr:rule>"
            + "<cr:rule id='others'><cr:actions><poc:allow-invite>reject</poc:allow-invite></cr:actions></cr:rule>"
            + "</cr:ruleset>");
        Host.Documents.Put(_lists, $"<resource-lists xmlns='{XdmNames.ResourceLists}'>"
            + "<list name='oma_blockedcontacts'><entry uri='sip:mallory@example.com'/></list></resource-lists>");

        var answer = await Host.ExplainAsync("--user-rules-of", Bob, "--user", user, "--action", "allow-invite");

        Assert.Equal(code, answer.Code);
        Assert.Contains(text, answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_documents_takes_invitations_and_one_with_spoiled_ones_refuses()
    {
        var without = await Host.ExplainAsync("--user-rules-of", Bob, "--user", Alice, "--action", "allow-invite");
        var storage = await Host.ExplainAsync(
            "--user-rules-of", Bob, "--user", Alice, "--action", "allow-offline-storage");
        Host.Documents.Put(_rules, "<spoiled");
        var spoiled = await Host.ExplainAsync("--user-rules-of", Bob, "--user", Alice, "--action", "allow-invite");
        Host.Documents.IsAway = true;
        Host.Documents.Put(_rules, "<spoiled");
        var away = await Host.ExplainAsync("--user-rules-of", Bob, "--user", Alice, "--action", "allow-invite");

        Assert.Equal((0, "allowed: allow-invite is pass by default: there are no rules\n", ""), without);
        Assert.Equal(0, storage.Code);
        Assert.Equal(1, spoiled.Code);
        Assert.Contains("Rules of the user cannot be used", spoiled.Output, StringComparison.Ordinal);
        Assert.Equal(1, away.Code);
        Assert.Contains("Rules of the user are not available", away.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_that_there_is_not_is_no_answer()
    {
        var answer = await Host.ExplainAsync("--group", Skiers, "--user", Alice, "--action", "join-handling");

        Assert.Equal((3, "", $"imsidecarctl: There is no group {Skiers}\n"), answer);
    }

    [Theory]
    [InlineData("There is no such action here; there are allow-conference-state, ", "--group", Skiers, "--user", Alice,
        "--action", "allow-invite")]
    [InlineData("There is no such action here; there are allow-invite, ", "--user-rules-of", Bob, "--user", Alice,
        "--action", "join-handling")]
    [InlineData("The identity is no SIP or tel URI", "--group", Skiers, "--user", "alice", "--action", "join-handling")]
    [InlineData("The group is no SIP or tel URI", "--group", "skiers", "--user", Alice, "--action", "join-handling")]
    [InlineData("The user is no SIP or tel URI", "--user-rules-of", "b", "--user", Alice, "--action", "allow-invite")]
    [InlineData("One of --group and --user-rules-of is needed", "--user", Alice, "--action", "join-handling")]
    [InlineData("One of --group and --user-rules-of is needed", "--group", Skiers, "--user-rules-of", Bob, "--user",
        Alice, "--action", "join-handling")]
    [InlineData("One of --user and --anonymous is needed", "--group", Skiers, "--action", "join-handling")]
    [InlineData("One of --user and --anonymous is needed", "--group", Skiers, "--user", Alice, "--anonymous",
        "--action", "join-handling")]
    [InlineData("'--action' is required", "--group", Skiers, "--user", Alice)]
    [InlineData("'--colour'", "--group", Skiers, "--user", Alice, "--action", "join-handling", "--colour", "red")]
    public async Task A_wrong_question_is_told_in_a_line(string mistake, params string[] arguments)
    {
        var (code, output, error) = await Host.ExplainAsync(arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("imsidecarctl: ", error, StringComparison.Ordinal);
        Assert.Contains(mistake, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_identities_are_refused()
    {
        var users = Enumerable.Range(0, 17).SelectMany(i => new[] { "--user", $"sip:u{i}@example.com" });

        var answer = await Host.ExplainAsync(["--group", Skiers, "--action", "join-handling", .. users]);

        Assert.Equal((2, "", "imsidecarctl: No more than 16 identities\n"), answer);
    }

    [Fact]
    public async Task A_sidecar_that_does_not_run_is_told_in_a_line()
    {
        var answer = await Host.ExplainAsync(
            "--group", Skiers, "--user", Alice, "--action", "join-handling", "--socket", "/nowhere/admin.sock");

        Assert.Equal(
            (3, "", "imsidecarctl: imsidecar cannot be reached at /nowhere/admin.sock: there is no such socket\n"),
            answer);
    }

    [Fact]
    public async Task Something_else_on_the_socket_is_told_in_a_line()
    {
        var path = Path.Combine(Path.GetTempPath(), $"other-{Guid.NewGuid():N}.sock");
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(path));
        other.Listen();
        var talks = Task.Run(async () =>
        {
            using var peer = await other.AcceptAsync();
            await peer.SendAsync(Encoding.ASCII.GetBytes("220 mail.example.com ESMTP\r\n"));
        }, TestContext.Current.CancellationToken);

        var (code, _, error) = await Host.ExplainAsync(
            "--group", Skiers, "--user", Alice, "--action", "join-handling", "--socket", path);
        await talks;
        File.Delete(path);

        Assert.Equal(3, code);
        Assert.StartsWith($"imsidecarctl: imsidecar cannot be reached at {path}: ", error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Fact]
    public void What_a_peer_says_in_several_lines_is_told_in_one() =>
        Assert.Equal(
            "no: \u2026\\u001B[31mred", new AdminException("no: \u2026\u001b[31mred\r\n", Failure.Refused).Message);

    [Fact]
    public async Task The_socket_of_Kamailio_answers_no_operator()
    {
        var answer = await Host.ExplainAsync(
            "--group", Skiers, "--user", Alice, "--action", "join-handling", "--socket", Host.Gateway);

        Assert.Equal((3, "", "imsidecarctl: Not on this socket\n"), answer);
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void The_socket_is_for_its_owner_and_its_group() =>
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
            File.GetUnixFileMode(Host.Socket));
}
