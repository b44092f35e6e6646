using System.Diagnostics;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>What stands in a cluster and goes on whatever becomes of its nodes: sessions, subscriptions, documents.</summary>
internal sealed class Ongoing(ClusterProfile profile)
{
    private const string Lists =
        "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list name=\"friends\">"
        + "<entry uri=\"sip:bob@example.com\"/></list></resource-lists>";

    private readonly List<Meeting> _meetings = [];
    private readonly string _group = $"sip:skiers-{Guid.NewGuid():N}@groups.example.com";
    private readonly string _owner = $"sip:olga-{Guid.NewGuid():N}@example.com";
    private readonly List<Call> _skiers = [];

    public void Add(Meeting meeting) => _meetings.Add(meeting);

    /// <summary>A pre-defined group in which these are.</summary>
    public async Task MeetInGroupAsync(params Handset[] members)
    {
        var owner = new XcapUser(profile.East.Http, _owner);
        await owner.PutListsAsync(Lists);
        await owner.PutGroupAsync(new(_group, [.. members.Select(member => member.AddressOfRecord)]));
        foreach (var member in members)
            await JoinAsync(member);
    }

    /// <summary>Refresh, NOTIFY, re-INVITE, messages; the documents, and one who comes into the group by what they say.</summary>
    public async Task GoesOnAsync()
    {
        foreach (var meeting in _meetings)
        {
            await UntilOkAsync(() => meeting.Watching.RefreshAsync());
            await Flow.ReadUntil(meeting.Watching, told => told.Document!.State == ElementState.Full);
            await UntilOkAsync(() => meeting.Group[meeting.Alice].ReinviteAsync());
            await meeting.TalkWhereverAsync();
        }

        foreach (var call in _skiers)
            await UntilOkAsync(() => call.ReinviteAsync());
        if (_skiers.Count == 0)
            return;

        foreach (var node in profile.Nodes.Where(node => node.IsRunning))
            Assert.Equal(Lists, await new XcapUser(node.Http, _owner).GetListsAsync());
    }

    /// <summary>A member of the group who was not there yet: the document lets him in, and nobody else.</summary>
    public async Task JoinAsync(Handset member) =>
        _skiers.Add(await Within(member.Invite(_group).Answered));

    public async Task RefusesAsync(Handset stranger) =>
        Assert.Equal(403, (await Within(stranger.Invite(_group).Final)).Status);

    public async Task EndAsync()
    {
        foreach (var meeting in _meetings)
            await meeting.EndAsync();
        foreach (var call in _skiers)
            Assert.Equal(200, (await Within(call.ByeAsync())).Status);
    }

    // As a phone does: what crosses the server's own, or comes while nobody is there, is sent again.
    private static async Task UntilOkAsync(Func<Task<SipMessage>> send)
    {
        var since = Stopwatch.GetTimestamp();
        while ((await Within(send())).Status is var status and not 200)
        {
            Assert.Contains(status, (int[])[491, 503]);
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(20), $"it is answered {status} for too long");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }
}
