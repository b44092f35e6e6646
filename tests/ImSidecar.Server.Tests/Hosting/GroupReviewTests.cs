using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Options;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>A session hears of its changed document: at once, or when it looks.</summary>
public sealed class GroupReviewTests : IAsyncLifetime
{
    private const string Skiers = "sip:skiers@groups.example.com";
    private static readonly DocumentSelector _selector = DocumentSelector.OfGroup(Skiers);
    private static readonly GroupXml _two = new(Skiers, "sip:alice@example.com", "sip:bob@example.com");

    private readonly ManualTime _time = new();
    private readonly ScriptedLink _node;
    private readonly GroupReview _review;

    public GroupReviewTests()
    {
        _node = new(
            new InMemoryConferenceStore(),
            policy => policy with { AccessWithdrawn = Core.Conferences.AccessWithdrawn.Remove },
            _time);
        _review = new(_node.Groups, _node.Sessions, _node.Router, new XdmOptions(), _time);
    }

    public async ValueTask InitializeAsync()
    {
        await _review.StartAsync(CancellationToken.None);
        _node.Documents.Put(_selector, _two);
        await JoinAsync("alice");
        await JoinAsync("bob");
    }

    public async ValueTask DisposeAsync()
    {
        await _review.StopAsync(CancellationToken.None);
        _review.Dispose();
        _node.Dispose();
    }

    [Fact]
    public async Task A_change_that_is_told_of_is_acted_on_at_once()
    {
        _node.Documents.Put(_selector, _two with { Members = ["sip:alice@example.com"] });

        var bye = (await _node.NextAsync(Kind.Originate)).Originate;

        Assert.Equal(("BYE", "<sip:bob@example.com>"), (bye.Method, bye.To));
    }

    [Fact]
    public async Task A_change_that_nobody_told_of_is_found_a_minute_later()
    {
        _node.Documents.Put(_selector, _two with { Members = ["sip:alice@example.com"] }, tells: false);

        _time.Advance(TimeSpan.FromMinutes(1));
        var bye = (await _node.NextAsync(Kind.Originate)).Originate;

        Assert.Equal(("BYE", "<sip:bob@example.com>"), (bye.Method, bye.To));
    }

    [Fact]
    public async Task A_rule_that_ends_with_its_time_ends_what_it_allowed()
    {
        var until = (_time.GetUtcNow() + TimeSpan.FromMinutes(2)).ToString("yyyy-MM-ddTHH:mm:ssZ");
        _node.Documents.Put(_selector, _two with
        {
            Rules = GroupXml.Rule("owner", "sip:alice@example.com", "<join-handling>true</join-handling>")
                + "<cr:rule id=\"tonight\"><cr:conditions>"
                + "<cr:identity><cr:one id=\"sip:bob@example.com\"/></cr:identity>"
                + $"<cr:validity><cr:from>2026-01-01T00:00:00Z</cr:from><cr:until>{until}</cr:until></cr:validity>"
                + "</cr:conditions><cr:actions><join-handling>true</join-handling></cr:actions></cr:rule>",
        });

        _time.Advance(TimeSpan.FromMinutes(3));
        var bye = (await _node.NextAsync(Kind.Originate)).Originate;

        Assert.Equal(("BYE", "<sip:bob@example.com>"), (bye.Method, bye.To));
    }

    [Fact]
    public async Task A_session_that_is_over_is_looked_at_no_more()
    {
        _node.Documents.Delete(_selector);
        await _node.NextAsync(Kind.Originate);

        Assert.Empty(_node.Sessions.Identities);
    }

    private async Task JoinAsync(string user)
    {
        await _node.SendAsync(ScriptedLink.Calls(Skiers, user));
        var reply = (await _node.NextAsync(Kind.Reply)).Reply;
        Assert.Equal(200u, reply.Code);
        await _node.SendAsync(new() { Acknowledged = new() { Transaction = "t-" + user } });
    }
}
