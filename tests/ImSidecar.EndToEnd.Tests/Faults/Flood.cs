using System.Collections.Concurrent;
using System.Text;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Crowd;
using ImSidecar.EndToEnd.Tests.Flows;

namespace ImSidecar.EndToEnd.Tests.Faults;

/// <summary>
/// INVITEs to the factory at a rate of their own, whether answers come or not. The one they invite refuses at once, or
/// rings until he is given up.
/// </summary>
internal sealed class Flood : IAsyncDisposable
{
    private const int TicksPerSecond = 50;
    private static readonly SipFlow _core = new(SipProtocol.Udp, CrowdMember.Core);

    private readonly ConcurrentDictionary<string, SipMessage> _ringing = [];
    private readonly List<Task<SipMessage>> _answers = [];
    private readonly bool _rings;
    private readonly CrowdWire _callers;
    private readonly CrowdWire _invited;
    private readonly CrowdMember _caller;

    public Flood(bool rings = false)
    {
        _rings = rings;
        _callers = new(SipProtocol.Udp, (_, _) => { });
        _invited = new(SipProtocol.Udp, OnRequest);
        _caller = new("flood", _callers);
    }

    /// <summary>Invitations that came to the invited one and have no answer yet.</summary>
    public int Ringing => _ringing.Count;

    /// <summary>Sends until it is told to stop.</summary>
    public async Task SendAsync(int perSecond, CancellationToken stop)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond));
        for (var ticks = 1; !stop.IsCancellationRequested; ticks++)
        {
            await tick.WaitForNextTickAsync(CancellationToken.None);
            while (_answers.Count < (long)perSecond * ticks / TicksPerSecond)
                _answers.Add(_callers.RequestAsync(Invite(), _core));
        }
    }

    /// <summary>The final answer of each; 408 for one that got none in 32 s.</summary>
    public Task<SipMessage[]> AnswersAsync() => Task.WhenAll(_answers);

    public async ValueTask DisposeAsync()
    {
        await _callers.DisposeAsync();
        await _invited.DisposeAsync();
    }

    private SipMessage Invite() => CrowdMessages.Invite(
        _caller, [$"sip:invited@{_invited.Local}"], Encoding.UTF8.GetBytes(Bodies.Offer.ReplaceLineEndings("\r\n")), null);

    private void OnRequest(SipMessage request, SipFlow flow)
    {
        switch (request.Method)
        {
            case "INVITE" when _rings:
                _ringing[request.CallId] = request;
                Answer(request, 180, flow);
                break;
            case "INVITE":
                Answer(request, 486, flow);
                break;
            case "CANCEL":
                Answer(request, 200, flow);
                if (_ringing.TryRemove(request.CallId, out var invite))
                    Answer(invite, 487, flow);
                break;
        }
    }

    private void Answer(SipMessage request, int status, SipFlow flow) =>
        _invited.Answer(CrowdMessages.Answer(request, status, "invited"), flow);
}
