using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Xdm;
using static ImSidecar.Core.Tests.Rules.Documents;

namespace ImSidecar.Core.Tests.Rules;

/// <summary>A group with what it refers to, RFC 4826 3.</summary>
public class ResolvedGroupTests
{
    private const string Alice = "sip:alice@example.com";

    private const string Relative = "resource-lists/users/sip:alice@example.com/index/~~/resource-lists/list";

    [Fact]
    public void A_group_without_references_is_resolved_at_once()
    {
        var expansion = ResolvedGroup.Expand(GroupWith(""), NothingLoaded);

        Assert.Empty(expansion.Missing);
        Assert.Equal(["sip:alice@example.com", "sip:bob@example.com"], Members(expansion.Resolved!));
    }

    [Fact]
    public void What_is_missing_is_asked_for_until_nothing_is()
    {
        var document = GroupWith("", externals: External("a"));

        var first = ResolvedGroup.Expand(document, NothingLoaded);
        Assert.Null(first.Resolved);
        Assert.Equal([IndexOf(Alice)], first.Missing);

        var second = ResolvedGroup.Expand(document, new Dictionary<DocumentSelector, ReferencedDocument>
        {
            [IndexOf(Alice)] = Lists($"<list name='a'>{EntryRef("sip:bob@example.com", "x", "sip:c@d")}</list>"),
        });
        Assert.Equal([IndexOf("sip:bob@example.com")], second.Missing);
    }

    [Fact]
    public void Entries_lists_and_references_are_members_in_order_and_once()
    {
        var group = Resolve(GroupWith("", externals: External("a")), new()
        {
            [IndexOf(Alice)] = Lists(
                "<list name='a'><entry uri='sip:bob@EXAMPLE.com'/><entry uri='pres:x@y'/>"
                + "<list><entry uri='sip:carol@example.net'/></list>" + External("b")
                + EntryRef("sip:bob@example.com", "x", "sip:erin@example.org") + "</list>"
                + "<list name='b'><entry uri='tel:+1'/><entry uri='sip:+1@example.com;user=phone'/></list>"),
            [IndexOf("sip:bob@example.com")] = Lists("<list name='x'><entry uri='sip:erin@example.org'/></list>"),
        });

        Assert.Equal(
            [
                "sip:alice@example.com", "sip:bob@example.com", "sip:carol@example.net", "tel:+1",
                "sip:erin@example.org",
            ],
            Members(group));
        Assert.Empty(group.Problems);
        Assert.True(group.IsMember(Uri("sips:+1@example.net;user=phone")));
        Assert.False(group.IsMember(Uri("sip:erin@example.com")));
    }

    [Theory]
    [InlineData("", "[1]", "sip:1@x")]
    [InlineData("", "[2]", "sip:2@x")]
    [InlineData("", "[2][@name=\"b\"]", "sip:2@x")]
    [InlineData("", "[1][@name=\"b\"]", null)]
    [InlineData("", "[3]", null)]
    [InlineData("", "[0]", null)]
    [InlineData("", "", null)]
    [InlineData("", "[2]/list", "sip:3@x")]
    [InlineData("", "[@name=\"b\"]/list[1]", "sip:3@x")]
    [InlineData("<list name='b'/>", "[@name=\"b\"]", null)]
    public void A_selector_names_exactly_one_list(string more, string selector, string? member)
    {
        var group = Resolve(
            GroupWith("", externals: $"<external anchor='https://x/{Relative}{selector}'/>"),
            new()
            {
                [IndexOf(Alice)] = Lists(
                    "<list name='a'><entry uri='sip:1@x'/></list>"
                    + $"<list name='b'><entry uri='sip:2@x'/><list><entry uri='sip:3@x'/></list></list>{more}"),
            });

        if (member is null)
            Assert.Contains("is not the only one", Assert.Single(group.Problems), StringComparison.Ordinal);
        else
            Assert.Contains(member, Members(group));
    }

    [Fact]
    public void What_does_not_exist_is_nobody_and_a_problem()
    {
        var group = Resolve(
            GroupWith(
                "",
                externals: External("no-such-list") + "<external anchor='http://x/nonsense'/>"
                    + "<external anchor='http://x/resource-lists/users/sip:b@c/index/~~/resource-lists/list'/>"
                    + "<external anchor='http://x/resource-lists/users/sip:d@e/index/~~/resource-lists/list'/>"),
            new()
            {
                [IndexOf(Alice)] = Lists($"<list name='x'/>"),
                [IndexOf("sip:d@e")] = new(null, "is not well-formed"),
            });

        Assert.Equal(2, group.AllMembers.Length);
        Assert.Collection(
            group.Problems,
            problem => Assert.Contains("no-such-list", problem, StringComparison.Ordinal),
            problem => Assert.Contains("does not refer to", problem, StringComparison.Ordinal),
            problem => Assert.Equal("resource-lists/users/sip:b@c/index does not exist", problem),
            problem => Assert.Equal("resource-lists/users/sip:d@e/index is not well-formed", problem));
    }

    [Fact]
    public void An_entry_that_a_reference_does_not_find_is_nobody_and_a_problem()
    {
        var group = Resolve(GroupWith("", externals: External("a")), new()
        {
            [IndexOf(Alice)] = Lists(
                $"<list name='a'>{EntryRef(Alice, "a", "sip:no@body")}<entry-ref ref='{Relative}'/></list>"),
        });

        Assert.Equal(2, group.Problems.Length);
        Assert.Equal(2, group.AllMembers.Length);
    }

    [Fact]
    public void Lists_that_refer_to_each_other_are_followed_once()
    {
        var group = Resolve(GroupWith("", externals: External("a")), new()
        {
            [IndexOf(Alice)] = Lists(
                $"<list name='a'><entry uri='sip:1@x'/>{External("b")}{External("b")}</list>"
                + $"<list name='b'><entry uri='sip:2@x'/>{External("a")}</list>"),
        });

        Assert.Equal(["sip:1@x", "sip:2@x"], Members(group).Skip(2));
        Assert.Contains("refers to itself", Assert.Single(group.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        var group = Resolve(GroupWith("", externals: External("l0")), new()
        {
            [IndexOf(Alice)] = Lists(string.Concat(Enumerable.Range(0, 20).Select(i =>
                $"<list name='l{i}'><entry uri='sip:{i}@x'/>{External($"l{i + 1}")}</list>"))),
        });

        Assert.Equal(8, group.AllMembers.Length - 2);
        Assert.Contains("more than 8 references away", Assert.Single(group.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_are_bounded()
    {
        var externals = string.Concat(Enumerable.Range(0, 40).Select(i =>
            $"<external anchor='http://x/resource-lists/users/sip:u{i}@x/index/~~/resource-lists/list'/>"));
        var lists = Enumerable.Range(0, 40).ToDictionary(
            i => IndexOf($"sip:u{i}@x"), i => Lists($"<list><entry uri='sip:m{i}@x'/></list>"));

        var group = Resolve(GroupWith("", externals: externals), lists);

        Assert.Equal(32, group.AllMembers.Length - 2);
        Assert.Equal(8, group.Problems.Length);
    }

    [Fact]
    public void Entries_and_references_are_bounded_however_often_a_list_is_meant()
    {
        var crowd = string.Concat(Enumerable.Range(0, 9_000).Select(i => $"<entry uri='sip:{i}@x'/>"));
        var referring = string.Concat(Enumerable.Range(0, 3_000).Select(i => EntryRef(Alice, "c", $"sip:{i}@x")));
        var lists = new Dictionary<DocumentSelector, ReferencedDocument>
        {
            [IndexOf(Alice)] = Lists(
                $"<list name='c'>{crowd}</list><list name='d'>{External("c")}<entry uri='sip:d@x'/></list>"
                + $"<list name='e'>{External("c")}<entry uri='sip:e@x'/></list>"),
            [IndexOf("sip:bob@example.com")] = Lists($"<list name='r'>{referring}</list>"),
        };

        var group = Resolve(
            GroupWith("", externals: External("c") + External("c") + External("d") + External("e")), lists);
        Assert.Contains("more than 20000 entries", Assert.Single(group.Problems), StringComparison.Ordinal);
        Assert.Equal(9_003, group.AllMembers.Length);

        var second = Resolve(
            GroupWith("", externals: External("r").Replace(Alice, "sip:bob@example.com", StringComparison.Ordinal)),
            lists);
        Assert.Equal(16, second.Problems.Length);
        Assert.InRange(second.AllMembers.Length, 900, 1_002);
    }

    [Fact]
    public void Only_our_own_XDMS_is_asked_when_its_roots_are_known()
    {
        var document = GroupWith("", externals: External("a"));
        var lists = new Dictionary<DocumentSelector, ReferencedDocument>
        {
            [IndexOf(Alice)] = Lists($"<list name='a'><entry uri='sip:1@x'/></list>"),
        };

        var ours = Resolve(document, lists, ["https://XCAP.example.com/xcap-root"]);
        var theirs = Resolve(document, lists, ["http://127.0.0.1:8080/xcap-root/"]);

        Assert.Equal(3, ours.AllMembers.Length);
        Assert.Equal(2, theirs.AllMembers.Length);
        Assert.Contains("at another XDMS", Assert.Single(theirs.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_refers_to_lists_of_its_owner_and_to_global_ones_only()
    {
        const string Bob = "sip:bob@example.com";
        var global = "<external anchor='http://x/resource-lists/global/staff/~~/resource-lists/list'/>";
        var document = GroupWith("", externals: External("a") + global);
        var lists = new Dictionary<DocumentSelector, ReferencedDocument>
        {
            [IndexOf(Alice)] = Lists(
                $"<list name='a'><entry uri='sip:1@x'/>{EntryRef(Bob, "secret", "sip:2@x")}</list>"),
            [IndexOf(Bob)] = Lists("<list name='secret'><entry uri='sip:2@x'/></list>"),
            [new("resource-lists", null, "staff")] = Lists("<list><entry uri='sip:3@x'/></list>"),
        };

        var alices = Resolve(document, lists, owner: Alice);
        var bobs = Resolve(document, lists, owner: Bob);

        Assert.Equal(["sip:1@x", "sip:3@x"], Members(alices).Skip(2));
        Assert.Equal(["sip:3@x"], Members(bobs).Skip(2));
        Assert.EndsWith("is somebody else's", Assert.Single(alices.Problems), StringComparison.Ordinal);
        Assert.EndsWith("is somebody else's", Assert.Single(bobs.Problems), StringComparison.Ordinal);

        lists.Remove(IndexOf(Bob));
        Assert.Empty(ResolvedGroup.Expand(document, lists, owner: Alice).Missing);
    }

    [Fact]
    public void Problems_of_the_document_are_problems_of_the_group()
    {
        var group = Resolve(GroupWith("", externals: "<entry uri='pres:a@b'/>"));

        Assert.Equal(["entry 3 of the list has no SIP or tel URI"], group.Problems);
    }

    private static IEnumerable<string> Members(ResolvedGroup group) =>
        group.AllMembers.Select(member => member.Address.Text);

    private static string External(string list) => $"<external anchor='{Anchor}@name=%22{list}%22%5d'/>";

    private static string EntryRef(string user, string list, string entry) =>
        $"<entry-ref ref='resource-lists/users/{user}/index/~~/resource-lists/list%5b@name=%22{list}%22%5d"
        + $"/entry%5b@uri=%22{entry}%22%5d'/>";
}
