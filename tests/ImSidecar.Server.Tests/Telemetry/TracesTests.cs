using System.Collections.Concurrent;
using System.Diagnostics;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Telemetry.Tracing;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>What a trace shows of a request: its parts, what it led to, and where it is found.</summary>
public sealed class TracesTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public TracesTests()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == Traces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_request_is_a_trace_that_its_Call_ID_names_with_all_its_parts()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var callId = "call-" + Guid.NewGuid();

        await node.SendAsync(Invite(callId));
        await node.NextAsync(Kind.Originate);

        var root = await EndedAsync(callId, "INVITE");
        Assert.Equal(
            [callId, "INVITE", "test", "Conference"],
            new[] { "sip.call_id", "sip.method", "imsidecar.kamailio", "imsidecar.kind" }
                .Select(root.GetTagItem));
        Assert.NotNull(root.GetTagItem("imsidecar.conference"));
        Assert.Equal(default, root.ParentSpanId);
        Assert.Equal(
            ["decide", "mailbox.wait", "msrp.open", "perform", "save"],
            Of(callId).Where(each => each.ParentSpanId == root.SpanId)
                .Select(each => each.DisplayName).Distinct().Order());
    }

    [Fact]
    public async Task An_invitation_has_a_trace_of_its_own_that_points_to_what_caused_it()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var callId = "call-" + Guid.NewGuid();

        await node.SendAsync(Invite(callId));
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));

        var cause = await EndedAsync(callId, "INVITE");
        var sent = await EndedAsync(invite.CallId, "INVITE");
        Assert.Equal(cause.Context, Assert.Single(sent.Links).Context);
        Assert.Equal(200, (await EndedAsync(invite.CallId, "response")).GetTagItem("sip.status_code"));
    }

    [Fact]
    public async Task A_leg_knows_the_span_that_opened_it()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var callId = "call-" + Guid.NewGuid();

        await node.SendAsync(Invite(callId));
        await node.NextAsync(Kind.Originate);
        await EndedAsync(callId, "INVITE");

        Assert.All(node.Switch.Legs.Values, leg => Assert.Contains(
            Of(callId), each => each.DisplayName == "msrp.open" && each.Context == leg.Trace));
        Assert.NotEmpty(node.Switch.Legs);
    }

    [Fact]
    public async Task What_a_rule_reads_is_part_of_its_decision()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var user = $"u{Guid.NewGuid():N}";

        await node.SendAsync(ScriptedLink.Calls("sip:ski@groups.example.com", user));

        var root = await EndedAsync("call-of-" + user, "INVITE");
        var read = await EndedAsync("call-of-" + user, "documents");
        var decision = Of("call-of-" + user).Single(each => each.SpanId == read.ParentSpanId);
        Assert.Equal(("decide", root.SpanId), (decision.DisplayName, decision.ParentSpanId));
    }

    [Fact]
    public async Task A_request_that_is_refused_at_once_ends_too()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var callId = "call-" + Guid.NewGuid();
        var happened = Invite(callId);
        happened.Request.Headers.Single(header => header.Name == "CSeq").Value =
            Google.Protobuf.ByteString.CopyFromUtf8("nonsense");

        await node.SendAsync(happened);

        await EndedAsync(callId, "INVITE");
    }

    [Fact]
    public void The_id_of_a_trace_is_the_beginning_of_a_hash()
    {
        // printf %s call-1 | sha256sum | cut -c1-32
        Assert.Equal("5d7963c4f471e142f5a72214a9666fb1", Traces.IdOf("call-1").ToString());
    }

    [Fact]
    public void Nothing_is_made_while_nobody_samples()
    {
        _listener.Dispose();

        Assert.False(Traces.IsOn);
        Assert.Null(Traces.Part("decide"));
        Assert.Null(Activity.Current);
    }

    private static SipEvent Invite(string callId)
    {
        var happened = ScriptedLink.GroupInvite();
        happened.Request.Headers.Single(header => header.Name == "Call-ID").Value =
            Google.Protobuf.ByteString.CopyFromUtf8(callId);
        return happened;
    }

    private IEnumerable<Activity> Of(string callId) => _ended.Where(each => each.TraceId == Traces.IdOf(callId));

    private async Task<Activity> EndedAsync(string callId, string name)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (Of(callId).FirstOrDefault(each => each.DisplayName == name) is { } ended)
                return ended;
            await Task.Delay(10, limit.Token);
        }
    }
}
