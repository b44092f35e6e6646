extern alias ctl;

using System.Text.Json;
using ctl::ImSidecar.Admin.V1;
using ctl::ImSidecar.Cli.Commands;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>imsidecarctl conferences and subscriptions, from the command line to the mailboxes.</summary>
public sealed class ConferenceAdminTests : IAsyncLifetime
{
    private AdminHost? _host;

    private AdminHost Host => _host!;

    private ScriptedLink Node => Host.Node;

    public async ValueTask InitializeAsync() => _host = await AdminHost.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    [Fact]
    public async Task A_session_is_listed_and_shown_with_who_is_in_it()
    {
        var id = await SessionScene.BeginAsync(Node);
        var identity = Held(id).SessionIdentity.Text;

        var list = await Host.ControlAsync("conferences", "list");
        var byId = await Host.ControlAsync("conferences", "show", id);
        var byUri = await Host.ControlAsync("conferences", "show", identity);

        Assert.Equal(
            "ID                          KIND    PHASE   IN  INVITED  WATCHED BY  GROUP OR SUBJECT\n"
            + $"{id}  ad-hoc  active  2   1        0\n",
            list.Output);
        Assert.StartsWith(
            $"conference  {id}\nsession     {identity}\nstate       ad-hoc, active\n"
            + "in it       2, 1 invited, watched by 0\n",
            byId.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n1  sip:alice@example.com  answering +Alice +inviter ", byId.Output);
        Assert.Matches(@"\n3  sip:carol@example.com  inviting ", byId.Output);
        Assert.Equal(byId.Output, byUri.Output);
        Assert.Equal((0, ""), (byId.Code, byId.Error));
    }

    [Fact]
    public async Task Json_is_one_object_with_numbers_and_times_for_scripts()
    {
        var id = await SessionScene.BeginAsync(Node);

        using var list = JsonDocument.Parse((await Host.ControlAsync("conferences", "list", "--json")).Output);
        using var shown = JsonDocument.Parse((await Host.ControlAsync("conferences", "show", id, "--json")).Output);

        var summary = Assert.Single(list.RootElement.GetProperty("conferences").EnumerateArray());
        Assert.Equal(
            (id, "ad-hoc", 2, 1),
            (summary.GetProperty("id").GetString(), summary.GetProperty("kind").GetString(),
                summary.GetProperty("participants").GetInt32(), summary.GetProperty("invited").GetInt32()));
        Assert.Equal("", list.RootElement.GetProperty("next").GetString());
        Assert.Equal(JsonValueKind.Null, shown.RootElement.GetProperty("endsAt").ValueKind);
        Assert.Equal(3, shown.RootElement.GetProperty("participants").GetArrayLength());
    }

    [Fact]
    public async Task A_long_list_comes_in_pages_that_fit_together()
    {
        List<string> ids = [];
        for (var number = 0; number < 3; number++)
            ids.Add(await SessionScene.BeginAsync(
                Node, "t" + number, wire => Replace(wire, "Call-ID", "call-" + number)));
        ids.Sort(StringComparer.Ordinal);

        var first = await Host.ControlAsync("conferences", "list", "--limit", "2");
        Assert.Contains($"There may be more: --after {ids[1]}\n", first.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(ids[2], first.Output, StringComparison.Ordinal);

        var second = await Host.ControlAsync("conferences", "list", "--limit", "2", "--after", ids[1]);
        Assert.Contains(ids[2], second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(ids[1], second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("more", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_those_of_a_user_are_listed_also_of_one_who_hides()
    {
        var open = await SessionScene.BeginAsync(Node);
        var hidden = await SessionScene.BeginAsync(Node, "t2", wire =>
        {
            Replace(wire, "Call-ID", "call-2");
            wire.Headers.Add(ScriptedLink.Field("Privacy", "id"));
        });

        var alices = await Host.ControlAsync("conferences", "list", "--user", "sip:alice@example.com");
        var daves = await Host.ControlAsync("conferences", "list", "--user", "sip:dave@example.com");
        var shown = await Host.ControlAsync("conferences", "show", hidden);

        Assert.Contains(open, alices.Output, StringComparison.Ordinal);
        Assert.Contains(hidden, alices.Output, StringComparison.Ordinal);
        Assert.Equal((0, "No conferences.\n", ""), daves);
        Assert.Contains("sip:alice@example.com (hides)", shown.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, "There is no conference abc", "conferences", "show", "abc")]
    [InlineData(4, "There is no conference sip:x@im.example.com", "conferences", "show", "sip:x@im.example.com")]
    [InlineData(4, "There is no conference tel:+1555", "conferences", "show", "tel:+1555")]
    [InlineData(4, "There is no conference x", "conferences", "release", "x")]
    [InlineData(4, "There is no conference x", "conferences", "watch", "x")]
    [InlineData(4, "There is no conference x", "conferences", "trace", "x")]
    [InlineData(4, "There is no conference x", "conferences", "expel", "x", "sip:bob@example.com")]
    [InlineData(2, "--limit is at least 1", "conferences", "show", "x", "--limit", "0")]
    [InlineData(2, "--limit is at least 1", "conferences", "list", "--limit", "0")]
    [InlineData(2, "The user is no SIP or tel URI", "conferences", "list", "--user", "alice")]
    [InlineData(2, "That is no place in the list", "subscriptions", "--after", "x")]
    public async Task What_is_wrong_is_said_in_a_sentence_and_by_the_exit_code(
        int code, string sentence, params string[] arguments) =>
        Assert.Equal((code, "", $"imsidecarctl: {sentence}\n"), await Host.ControlAsync(arguments));

    [Theory]
    [InlineData(2500, 2500, 30, false)]
    [InlineData(2400, 2400, 30, true)]
    [InlineData(20, 20, 20, true)]
    [InlineData(10000, 2500, 30, false)]
    public async Task A_large_conference_is_shown_whole_if_that_is_wanted(
        int limit, int participants, int subscriptions, bool hasMore)
    {
        var shown = await ShownConference.CollectAsync(Page, "sip:large@groups.example.com", limit);

        Assert.Equal(Enumerable.Range(1, participants), shown.Participants.Select(each => each.Number));
        Assert.Equal(Enumerable.Range(1, subscriptions), shown.Subscriptions.Select(each => each.Number));
        Assert.Equal((hasMore, subscriptions < 30), (shown.MoreParticipants, shown.MoreSubscriptions));
    }

    /// <summary>As the sidecar answers for 2500 people, of whom 30 watch.</summary>
    private static Task<ShowConferenceResponse> Page(ShowConferenceRequest request)
    {
        Assert.InRange(request.Limit, 1, 1000);
        var people = Enumerable.Range(1, 2500).Where(number => number > request.AfterParticipant).ToList();
        var watchers = Enumerable.Range(1, 30).Where(number => number > request.AfterSubscription).ToList();
        return Task.FromResult(new ShowConferenceResponse
        {
            Summary = new() { Id = "large" },
            Participants = { people.Take(request.Limit).Select(number => new ParticipantEntry { Number = number }) },
            MoreParticipants = people.Count > request.Limit,
            Subscriptions = { watchers.Take(request.Limit).Select(number => new SubscriptionEntry { Number = number }) },
            MoreSubscriptions = watchers.Count > request.Limit,
        });
    }

    [Fact]
    public async Task Who_watches_is_listed_and_shown()
    {
        var id = await SessionScene.BeginAsync(Node);
        await SessionScene.AcknowledgeAsync(Node);
        await SessionScene.SubscribeAsync(Node, Held(id));
        await Node.NextAsync(action => action.Originate?.Method == "NOTIFY");

        var all = await Host.ControlAsync("subscriptions");
        var bobs = await Host.ControlAsync("subscriptions", "--user", "sip:bob@example.com");
        var shown = await Host.ControlAsync("conferences", "show", id);

        Assert.Matches(
            $@"^SUBSCRIBER +PACKAGE +STATE +EXPIRES +TO\nsip:alice@example.com  conference  notifying  \S+Z  sip:{id}@",
            all.Output);
        Assert.Equal((0, "No subscriptions.\n", ""), bobs);
        Assert.Matches(@"\ns\d+ +sip:alice@example.com  notifying ", shown.Output);
    }

    [Fact]
    public async Task A_released_session_is_over_when_it_is_answered_and_everybody_is_told_why()
    {
        var id = await SessionScene.BeginAsync(Node);
        await SessionScene.AcknowledgeAsync(Node);

        var answer = await Host.ControlAsync("conferences", "release", id, "--reason", "Night shift");

        Assert.Equal((0, $"Released {id}: 3 participants are sent away.\n", ""), answer);
        Assert.True((await Host.Store.SingleAsync()).Conference.IsOver);
        Assert.Equal("Cancel", (await Node.NextAsync(Kind.Cancel)).ActionCase.ToString());
        var again = await Host.ControlAsync("conferences", "release", id);
        Assert.Equal((1, "", $"imsidecarctl: Conference {id} is over\n"), again);
    }

    [Fact]
    public async Task What_is_answered_survives_a_crash_before_the_bye_has_left()
    {
        var id = await SessionScene.BeginAsync(Node);
        await SessionScene.AcknowledgeAsync(Node);
        Node.Detach();

        var (code, _, _) =
            await Host.ControlAsync("conferences", "expel", id, "sip:bob@example.com", "--reason", "Spam");
        Assert.Equal(0, code);

        using var restarted = new ScriptedLink(Host.Store, resume: await Host.Store.SingleAsync());
        var bye = (await restarted.NextAsync(action => action.Originate?.Method == "BYE")).Originate;
        Assert.Equal("sip:bob@127.0.0.1:6001", bye.Uri);
        Assert.Equal("SIP;cause=403;text=\"Spam\"", ValueOf(bye, "Reason"));
    }

    [Theory, InlineData("sip:bob@example.com"), InlineData("2")]
    public async Task Who_is_expelled_gets_a_bye_and_does_not_come_in_by_himself(string user)
    {
        var id = await SessionScene.BeginAsync(Node);
        await SessionScene.AcknowledgeAsync(Node);

        var answer = await Host.ControlAsync("conferences", "expel", id, user);

        Assert.Equal(
            (0,
                $"Expelled sip:bob@example.com from {id}.\n"
                + "He does not come in again by himself; who may add users can add him.\n", ""),
            answer);
        var bye = (await Node.NextAsync(each => each.Originate?.Method == "BYE")).Originate;
        Assert.Equal("sip:bob@127.0.0.1:6001", bye.Uri);
        Assert.Equal(
            (4, "", $"imsidecarctl: sip:bob@example.com is not in conference {id}\n"),
            await Host.ControlAsync("conferences", "expel", id, "sip:bob@example.com"));
        Assert.Equal(
            (4, "", $"imsidecarctl: Conference {id} has no participant 9\n"),
            await Host.ControlAsync("conferences", "expel", id, "9"));
    }

    [Fact]
    public async Task What_cannot_be_stored_is_not_said_to_be_done()
    {
        var store = new FaultyStore();
        await using var host = await AdminHost.StartAsync(store);
        var id = await SessionScene.BeginAsync(host.Node);
        store.BeginFailing();

        var release = await host.ControlAsync("conferences", "release", id);
        var expel = await host.ControlAsync("conferences", "expel", id, "sip:bob@example.com");

        Assert.Equal((1, ""), (release.Code, release.Output));
        Assert.StartsWith(
            "imsidecarctl: The store cannot be written now; the order waits for it", release.Error,
            StringComparison.Ordinal);
        Assert.Equal(1, expel.Code);
        Assert.False((await store.Inner.SingleAsync()).Conference.IsOver);
        store.EndFailing();
    }

    [Fact]
    public async Task A_reason_is_one_line_of_text()
    {
        var id = await SessionScene.BeginAsync(Node);

        var (code, _, error) = await Host.ControlAsync("conferences", "release", id, "--reason", "a\r\nb");

        Assert.Equal((2, "imsidecarctl: The reason is text of at most 128 characters, in one line\n"), (code, error));
        Assert.False(Held(id).IsOver);
    }

    private Conference Held(string id) => (Conference)Node.Router.Peek(new(id))!;

    private static void Replace(Request wire, string name, string value) =>
        wire.Headers.Single(each => each.Name == name).Value = Google.Protobuf.ByteString.CopyFromUtf8(value);

    private static string? ValueOf(Originate request, string name) =>
        request.Headers.FirstOrDefault(each => each.Name == name)?.Value.ToStringUtf8();
}
