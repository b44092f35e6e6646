using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Options;
using ImSidecar.Server.Xdm;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>Group documents, compiled and kept until one of those they are made of changes.</summary>
public sealed class GroupsTests : IDisposable
{
    private const string List = "http://127.0.0.1:8080/xcap-root/resource-lists/users/sip:alice@example.com/index";

    private static readonly SipUri _skiers = Uri("sip:skiers@groups.example.com");
    private static readonly SipUri _alice = Uri("sip:alice@example.com");
    private static readonly SipUri _bob = Uri("sip:bob@example.com");
    private static readonly DocumentSelector _group = DocumentSelector.OfGroup(_skiers.AddressKey);
    private static readonly DocumentSelector _lists = new(ApplicationUsage.ResourceLists, _alice.AddressKey, "index");

    private readonly ScriptedDocuments _documents = new();
    private readonly List<string> _changed = [];
    private readonly Groups _groups;

    public GroupsTests()
    {
        _groups = new(_documents, new() { MaxGroups = 3 }, NullLogger<Groups>.Instance);
        _groups.Changed += _changed.Add;
    }

    public void Dispose() => _groups.Dispose();

    [Fact]
    public async Task A_group_is_read_once_however_often_it_is_asked_for()
    {
        _documents.Put(_group, new GroupXml(_skiers.Text, _alice.Text));

        var first = await _groups.OfAsync(_skiers);
        var second = await _groups.OfAsync(Uri("sip:skiers@GROUPS.example.com;transport=tcp"));

        Assert.True(first.Group!.IsMember(_alice));
        Assert.Same(first, second);
        Assert.Equal(1, _documents.Reads);
    }

    [Fact]
    public async Task Those_who_ask_at_once_wait_for_the_same_reading()
    {
        var gate = new TaskCompletionSource();
        _documents.Gate = gate.Task;
        _documents.Put(_group, new GroupXml(_skiers.Text, _alice.Text));

        var asked = Enumerable.Range(0, 8).Select(_ => _groups.OfAsync(_skiers).AsTask()).ToArray();
        gate.SetResult();
        var facts = await Task.WhenAll(asked);

        Assert.All(facts, each => Assert.NotNull(each.Group));
        Assert.Equal(1, _documents.Reads);
    }

    [Fact]
    public async Task No_document_is_no_group_until_there_is_one()
    {
        Assert.True((await _groups.OfAsync(_skiers)).IsNone);

        _documents.Put(_group, new GroupXml(_skiers.Text, _alice.Text));

        Assert.NotNull((await _groups.OfAsync(_skiers)).Group);
        Assert.Equal([_skiers.AddressKey], _changed);
    }

    [Fact]
    public async Task A_list_that_the_group_refers_to_changes_the_group()
    {
        _documents.Put(_lists, Lists(_bob.Text));
        _documents.Put(_group, WithExternal);
        Assert.True((await _groups.OfAsync(_skiers)).Group!.IsMember(_bob));

        _documents.Put(_lists, Lists(_alice.Text));

        Assert.Equal([_skiers.AddressKey], _changed);
        Assert.False((await _groups.OfAsync(_skiers)).Group!.IsMember(_bob));
    }

    [Fact]
    public async Task What_changes_while_it_is_read_is_read_again_by_who_asks_next()
    {
        var gate = new TaskCompletionSource();
        _documents.Put(_group, new GroupXml(_skiers.Text, _alice.Text));
        _documents.Gate = gate.Task;

        var slow = _groups.OfAsync(_skiers).AsTask();
        _documents.Put(_group, new GroupXml(_skiers.Text, _bob.Text));
        gate.SetResult();
        await slow;

        Assert.True((await _groups.OfAsync(_skiers)).Group!.IsMember(_bob));
    }

    [Fact]
    public async Task An_xdms_that_is_away_opens_no_door_and_is_asked_again()
    {
        _documents.IsAway = true;
        _documents.Put(_group, new GroupXml(_skiers.Text, _alice.Text));

        var closed = await _groups.OfAsync(_skiers);
        _documents.IsAway = false;

        Assert.Equal("Group document is not available", closed.Problem);
        Assert.False(closed.IsNone);
        Assert.NotNull((await _groups.OfAsync(_skiers)).Group);
    }

    [Theory]
    [InlineData("<group")]
    [InlineData("<!DOCTYPE group [<!ENTITY a \"b\">]><group xmlns=\"urn:oma:xml:poc:list-service\"/>")]
    [InlineData(
        "<group xmlns=\"urn:oma:xml:poc:list-service\"><list-service uri=\"sip:other@groups.example.com\"/></group>")]
    public async Task A_document_that_cannot_be_used_opens_no_door(string body)
    {
        _documents.Put(_group, body);

        var facts = await _groups.OfAsync(_skiers);

        Assert.Equal((null, "Group document cannot be used"), (facts.Group, facts.Problem));
    }

    [Fact]
    public async Task A_change_that_nobody_told_of_is_found_by_the_review()
    {
        _documents.Put(_group, new GroupXml(_skiers.Text, _alice.Text));
        await _groups.OfAsync(_skiers);
        await _groups.ReviewAsync(_skiers);
        Assert.Empty(_changed);

        _documents.Put(_group, new GroupXml(_skiers.Text, _bob.Text), tells: false);
        await _groups.ReviewAsync(_skiers);

        Assert.Equal([_skiers.AddressKey], _changed);
        Assert.True((await _groups.OfAsync(_skiers)).Group!.IsMember(_bob));
    }

    [Fact]
    public async Task The_review_of_an_xdms_that_is_away_changes_nothing()
    {
        _documents.Put(_group, new GroupXml(_skiers.Text, _alice.Text));
        await _groups.OfAsync(_skiers);

        _documents.IsAway = true;
        await _groups.ReviewAsync(_skiers);

        Assert.Empty(_changed);
        Assert.NotNull((await _groups.OfAsync(_skiers)).Group);
    }

    [Fact]
    public async Task No_more_groups_are_kept_than_configured()
    {
        _documents.Put(_group, new GroupXml(_skiers.Text, _alice.Text));
        await _groups.OfAsync(_skiers);
        for (var i = 0; i < 10; i++)
            await _groups.OfAsync(Uri($"sip:group{i}@groups.example.com"));

        var reads = _documents.Reads;
        Assert.NotNull((await _groups.OfAsync(_skiers)).Group);

        Assert.Equal(reads + 1, _documents.Reads);
    }

    private static GroupXml WithExternal => new(_skiers.Text, _alice.Text)
    {
        Externals = [List + "/~~/resource-lists/list%5b@name=%22ski%22%5d"],
    };

    private static string Lists(string member) =>
        "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list name=\"ski\">"
        + $"<entry uri=\"{member}\"/></list></resource-lists>";

    private static SipUri Uri(string text) =>
        SipUri.TryParse(text, out var uri) ? uri : throw new FormatException(text);
}
