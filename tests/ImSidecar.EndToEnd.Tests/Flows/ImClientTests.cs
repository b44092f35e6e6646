using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.EndToEnd.Tests.Xdm;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 6.1.2.12 and the client for people: real processes, over pipes, against the demo profile.</summary>
public class ImClientTests(DemoProfile profile) : GroupFlow(profile)
{
    private const string Root = "http://127.0.0.1:8080/xcap-root/";

    // The password of the XDMS is another one than that of the core.
    private static readonly string _password = Write("wonderland\n");

    protected override IReadOnlyList<string> Settings => ["--XcapServer:DigestFile=" + XcapUsers.Sha256];

    [Fact, Trait("Spec", "IM 6.1.2.12/intro"), Trait("Spec", "IM 6.1.2.12/1"), Trait("Spec", "IM 6.1.2.12/2")]
    [Trait("Spec", "IM 6.1.2.12/3"), Trait("Spec", "IM 6.1.2.12/notify-1"), Trait("Spec", "IM 6.1.2.12/notify-2")]
    public async Task Two_people_meet_in_a_group_and_talk()
    {
        await Owner.PutGroupAsync(GroupOfThree with { Subject = "Ski trip" });
        await using var alice = Start("alice", "--group", Skiers, "--verbose");
        await alice.SeesAsync($"you are in {Skiers}");
        var subscribe = await alice.SeesAsync("SUBSCRIBE sip:");
        await alice.SeesAsync("Ski trip");

        await using var bob = Start("bob", "--group", Skiers);
        await alice.SeesAsync("* bob joined");
        await bob.SeesAsync("alice is here");
        bob.Type("hello, who is there?");
        alice.Type("//me: nobody but me");
        await alice.SeesAsync("<bob> hello, who is there?");
        await bob.SeesAsync("<alice> /me: nobody but me");
        bob.Type("/nick Snowcat");
        await bob.SeesAsync("you are called Snowcat now");
        await alice.SeesAsync("bob is called Snowcat now");
        bob.Type("/whisper alice psst");
        await alice.SeesAsync("<Snowcat -> you> psst");
        alice.Type("/whisper carol psst");
        await alice.SeesAsync("! not delivered: 404");
        alice.Type("/who");
        await alice.SeesAsync("* Snowcat <sip:bob@example.com>");
        bob.Type("/leave");
        await bob.SeesAsync($"you left {Skiers}");
        await alice.SeesAsync("* Snowcat left");
        bob.Type("/quit");
        alice.Type("/quit");

        Assert.Equal((0, 0), (await alice.ExitAsync(), await bob.ExitAsync()));
        Assert.Contains(Skiers, subscribe, StringComparison.Ordinal);
        Assert.Contains("Accept-Contact: *;+g.oma.sip-im", alice.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("response=", alice.Text, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-3")]
    public async Task Who_is_blocked_is_marked_when_he_is_there_and_when_he_joins()
    {
        await Owner.PutGroupAsync(GroupOfThree);
        await Owner.PutListsAsync(
            "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list name=\"oma_blockedcontacts\">"
            + "<entry uri=\"sip:bob@EXAMPLE.com\"/></list></resource-lists>");
        var bob = await Register("bob");
        var carol = await Register("carol");
        await JoinAsync(bob);

        await using var alice = Start(
            "alice", "--group", Skiers, "--xcap", Root, "--xcap-password-file", _password,
            "--block-list", Write("sip:carol@example.com\n"));
        await alice.SeesAsync("* bob is here [blocked]");
        await JoinAsync(carol);
        await alice.SeesAsync("* carol joined [blocked]");
        alice.Type("/who");
        await alice.SeesAsync("* alice");
        await alice.SeesAsync("* bob [blocked]");
        alice.Type("/unblock bob");
        await alice.SeesAsync("* sip:bob@example.com is unblocked");
        alice.Type("/block mallory");
        await alice.SeesAsync("* sip:mallory@example.com is blocked");
        alice.Type("/blocked");
        var blocked = await alice.SeesAsync("sip:carol@example.com");
        var stored = await Owner.GetListsAsync();

        Assert.Equal("* sip:carol@example.com, sip:mallory@example.com", blocked);
        Assert.Contains("sip:mallory@example.com", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("sip:bob@", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_XDMS_the_chat_goes_on()
    {
        await Owner.PutGroupAsync(GroupOfThree);

        await using var alice = Start("alice", "--group", Skiers, "--xcap", "http://127.0.0.1:1/");

        await alice.SeesAsync("! no block list: 127.0.0.1:1 cannot be reached");
        await alice.SeesAsync($"you are in {Skiers}");
    }

    [Fact]
    public async Task Who_waits_is_called_into_a_group_and_may_accept()
    {
        await using var bob = Start("bob", "--wait");
        await bob.SeesAsync("registered");
        await using var alice = Start("alice", "--with", "bob", "--with", "carol", "--subject", "Lunch");

        await bob.SeesAsync("calls, Lunch: /accept or /reject");
        bob.Type("/accept");
        await alice.SeesAsync("you are in sip:");
        await bob.SeesAsync("alice is here");
        bob.Type("here I am");
        await alice.SeesAsync("<bob> here I am");
    }

    [Fact]
    public async Task Two_call_each_other_without_a_group()
    {
        await using var bob = Start("bob", "--wait");
        await bob.SeesAsync("registered");
        await using var alice = Start("alice", "--call", "bob", "--transport", "tcp");

        await bob.SeesAsync("* sip:alice@example.com calls: /accept or /reject");
        bob.Type("/accept");
        await alice.SeesAsync("you are in sip:bob@example.com");
        alice.Type("hello");
        await bob.SeesAsync("<alice> hello");
        alice.Type("/quit");

        await bob.SeesAsync("the session has ended");
        Assert.Equal(0, await alice.ExitAsync());
    }

    [Fact]
    public async Task What_others_write_does_not_control_the_terminal()
    {
        await Owner.PutGroupAsync(GroupOfThree);
        await using var alice = Start("alice", "--group", Skiers);
        await alice.SeesAsync("you are in");
        var bob = await Register("bob");
        var call = await JoinAsync(bob);
        await Within(call.Msrp!.Connected);

        await Within(call.Msrp.SendTextAsync(bob.AddressOfRecord, Skiers, "\e[2Jhi\n* carol left"));

        Assert.Equal("<bob> \uFFFD[2Jhi", await alice.SeesAsync("<bob>"));
        Assert.Equal("    | * carol left", await alice.SeesAsync("carol"));
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/term"), Trait("Spec", "IM 6.1.2.12/ok-1"), Trait("Spec", "IM 6.1.2.12/resp")]
    public async Task An_interrupt_leaves_politely()
    {
        await Owner.PutGroupAsync(GroupOfThree);
        var bob = await Register("bob");
        await JoinAsync(bob);
        var watching = bob.Subscribe(Skiers);
        await using var alice = Start("alice", "--group", Skiers, "--verbose");
        await alice.SeesAsync("bob is here");
        await ReadUntil(watching, told => told.Roster.Count == 2);

        alice.Interrupted();

        Assert.Equal(0, await alice.ExitAsync());
        await ReadUntil(watching, told => told.Roster.Count == 1);
        var requests = alice.Text.Split("--- ").Where(each => each.Contains(" to ", StringComparison.Ordinal)).ToList();
        var last = Assert.Single(requests, each => IsLast(each, "SUBSCRIBE"));
        Assert.Matches("\nSUBSCRIBE sip:[^ ]+@im[.]example[.]com", last);
        Assert.Contains(requests, each => each.Contains("\nBYE sip:", StringComparison.Ordinal));
        Assert.Contains(requests, each => IsLast(each, "REGISTER"));
    }

    [Fact]
    public async Task A_refusal_is_told_with_its_reason()
    {
        await using var alice = Start("alice", "--group", Skiers);

        await alice.SeesAsync($"! {Skiers}: 404 Not Found: Conference URI does not exist");

        Assert.Equal(1, await alice.ExitAsync());
    }

    [Fact]
    public async Task A_wrong_password_is_told()
    {
        await using var alice = ChatProcess.Start("guess", "--user", "alice", "--wait");

        await alice.SeesAsync("! wrong password, or no such user: sip:alice@example.com (401 Unauthorized)");

        Assert.Equal(1, await alice.ExitAsync());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told()
    {
        await using var alice = Start("alice", "--wait", "--transport", "tcp", "--server", "127.0.0.1:9");

        await alice.SeesAsync("! sip:alice@example.com is not registered: the server cannot be reached");

        Assert.Equal(1, await alice.ExitAsync());
    }

    [Theory]
    [InlineData("--colour is no option here", "--user", "alice", "--wait", "--colour", "red")]
    [InlineData("say one of --group URI, --with URI, --call URI and --wait", "--user", "alice")]
    [InlineData("say one of", "--user", "alice", "--wait", "--group", "skiers")]
    [InlineData("--user is missing", "--wait")]
    [InlineData("expected --option value", "--wait", "--user")]
    [InlineData("mailto:x is no address", "--user", "alice", "--group", "mailto:x")]
    [InlineData("--block-list /nowhere", "--user", "alice", "--wait", "--block-list", "/nowhere")]
    [InlineData("imclient --user NAME|URI", "nonsense")]
    public async Task A_wrong_command_line_is_told(string said, params string[] arguments)
    {
        await using var alice = ChatProcess.Start("demo", arguments);

        Assert.Equal(2, await alice.ExitAsync());
        Assert.Contains(said, alice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_terminal_a_password_is_not_asked_for()
    {
        await using var alice = ChatProcess.Start(null, "--user", "alice", "--wait");

        await alice.SeesAsync("imclient: no password: --password-file FILE or IMCLIENT_PASSWORD");

        Assert.Equal(2, await alice.ExitAsync());
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-3")]
    public async Task The_events_of_a_handset_say_who_is_blocked()
    {
        await Owner.PutGroupAsync(GroupOfThree);
        var bob = await Register("bob");
        await JoinAsync(bob);

        await using var alice = ChatProcess.Start(
            null, "handset", "--user", "alice", "--block-list", Write("sip:bob@example.com\n"));
        alice.Type("register");
        alice.Type($"invite {Skiers}");
        await alice.SeesAsync("\"answered\"");
        alice.Type($"subscribe {Skiers}");
        var told = await alice.SeesAsync("\"notify\"");
        alice.Type("bye");

        Assert.Contains(
            "{\"user\":\"sip:bob@example.com\",\"name\":null,\"status\":\"connected\",\"blocked\":true}", told,
            StringComparison.Ordinal);
    }

    private static ChatProcess Start(string user, params string[] arguments) =>
        ChatProcess.Start("demo", ["--user", user, .. arguments]);

    private static bool IsLast(string request, string method) =>
        request.Contains($"\n{method} sip:", StringComparison.Ordinal)
        && request.Contains("\nExpires: 0\n", StringComparison.Ordinal);

    private static string Write(string text)
    {
        var file = Path.Combine(Path.GetTempPath(), $"imclient-{Guid.NewGuid():N}");
        File.WriteAllText(file, text);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(file);
        return file;
    }
}
