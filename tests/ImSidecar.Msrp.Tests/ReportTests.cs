using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 4975 7.1.2: each wish for reports with each outcome, between two and in a group.</summary>
public class ReportTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");

    public static TheoryData<bool, bool, FailureReport> Wishes { get; } = new MatrixTheoryData<bool, bool, FailureReport>(
        [true, false], [true, false], [FailureReport.Yes, FailureReport.Partial, FailureReport.No]);

    [Theory, MemberData(nameof(Wishes)), Trait("Spec", "RFC 4975 7.1.2")]
    public async Task What_arrives_is_answered_and_reported_as_wished(bool isGroup, bool success, FailureReport failure)
    {
        using var world = new SwitchWorld();
        var peers = await JoinAsync(world, isGroup);

        var transaction = await SayAsync(peers[0], success, failure, "text/plain");
        foreach (var hearer in peers[1..])
        {
            Assert.Equal("hello", Peer.Text(await hearer.ReadSendAsync()));
            await SwitchWorld.BindAsync(hearer);
        }

        List<string> expected = [];
        if (failure == FailureReport.Yes)
            expected.Add($"{transaction} 200");
        if (success)
            expected.Add("report m1aa 200");
        Assert.Equal(expected, await AnswersAsync(peers[0]));
    }

    [Theory, MemberData(nameof(Wishes)), Trait("Spec", "RFC 4975 7.2")]
    public async Task What_is_refused_is_answered_unless_nobody_wants_that(
        bool isGroup, bool success, FailureReport failure)
    {
        using var world = new SwitchWorld();
        var peers = await JoinAsync(world, isGroup);

        // In the name of somebody else.
        var transaction = await SayAsync(peers[0], success, failure, "text/plain", SwitchWorld.Aor("mallory"));

        Assert.Equal(
            failure == FailureReport.No ? [] : [$"{transaction} 403"], await AnswersAsync(peers[0]));
    }

    [Theory, MemberData(nameof(Wishes)), Trait("Spec", "RFC 4975 7.1.2")]
    public async Task What_a_recipient_refuses_is_reported_where_he_is_the_only_one(
        bool isGroup, bool success, FailureReport failure)
    {
        using var world = new SwitchWorld();
        var peers = await JoinAsync(world, isGroup);
        peers[1].Answers = false;

        var transaction = await SayAsync(peers[0], success, failure, "text/plain");
        var refused = await peers[1].ReadSendAsync();
        await peers[1].WriteAsync(output => MsrpWriter.TryWriteResponse(output, refused.Head, 413));
        peers[1].Answers = true;
        await SwitchWorld.BindAsync(peers[1]);

        List<string> expected = [];
        if (failure == FailureReport.Yes)
            expected.Add($"{transaction} 200");
        if (success && isGroup)
            expected.Add("report m1aa 200");
        if (!isGroup && failure != FailureReport.No)
            expected.Add("report m1aa 413");
        Assert.Equal(expected, await AnswersAsync(peers[0]));
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.2")]
    public async Task Between_two_success_is_reported_when_the_other_has_answered_each_part()
    {
        using var world = new SwitchWorld();
        var peers = await JoinAsync(world, isGroup: false);
        peers[1].Answers = false;
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Aor("bob"));
        await peers[0].SendAsync(
            body.AsMemory(0, 1000), "m1aa", new(1, 1000, body.Length), MsrpFlag.More, successReport: true);
        await peers[0].SendAsync(body.AsMemory(1000), "m1aa", new(1001, body.Length, body.Length), successReport: true);
        var (first, second) = (await peers[1].ReadSendAsync(), await peers[1].ReadSendAsync());

        peers[1].Answers = true;
        await peers[1].AnswerAsync(second);
        await SwitchWorld.BindAsync(peers[1]);
        Assert.DoesNotContain("report m1aa 200", await AnswersAsync(peers[0]));
        await peers[1].AnswerAsync(first);
        await SwitchWorld.BindAsync(peers[1]);

        Assert.Equal(["report m1aa 200"], await AnswersAsync(peers[0]));
    }

    private static async Task<Peer[]> JoinAsync(SwitchWorld world, bool isGroup) =>
        [.. await world.JoinAsync(isGroup ? ["alice", "bob", "carol"] : ["alice", "bob"])];

    private static Task<string> SayAsync(
        Peer peer, bool success, FailureReport failure, string type, string? from = null)
    {
        var body = Peer.Cpim("hello", from ?? _alice, SwitchWorld.Group, type);
        return peer.SendAsync(
            body, "m1aa", new(1, body.Length, body.Length), successReport: success, failureReport: failure);
    }

    // All that comes before the answer to what is sent last.
    private static async Task<List<string>> AnswersAsync(Peer peer)
    {
        const string last = "last1";
        await peer.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, peer.Paths, last));
        var answers = new List<string>();
        while (true)
        {
            var head = (await peer.ReadAsync())!.Head;
            if (head.TransactionId == last)
                return answers;

            answers.Add(head.IsRequest
                ? $"report {head.MessageId} {head.ReportStatus}" : $"{head.TransactionId} {head.Status}");
        }
    }
}
