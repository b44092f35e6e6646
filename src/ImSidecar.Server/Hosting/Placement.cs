using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Keeps from the mailboxes of this node what is for another one: Kamailio hands that on. What is for nobody, because
/// its aggregate is on the way from one node to another, is set aside until somebody has it.
/// </summary>
internal sealed class Placement
{
    private const int MostSetAside = 8192;

    // Longer than a node takes to be found dead and replaced.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan _tick = TimeSpan.FromSeconds(1);

    private readonly IOwnership _ownership;
    private readonly LinkRegistry _links;
    private readonly SipActions _actions;
    private readonly TimeProvider _time;
    private readonly ILogger<Placement> _logger;
    private readonly Lock _gate = new();
    private List<SetAside> _setAside = [];
    private bool _isWaiting;
    private Action<AggregateId, MailboxItem> _again = (_, _) => { };

    public Placement(
        IOwnership ownership, LinkRegistry links, SipActions actions, TimeProvider time, ILogger<Placement> logger)
    {
        _ownership = ownership;
        _links = links;
        _actions = actions;
        _time = time;
        _logger = logger;
        ownership.Changed += LookAgain;
    }

    /// <summary>What waits for its aggregate to have an owner.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _setAside.Count;
        }
    }

    /// <summary>Who takes what was set aside once somebody owns it.</summary>
    public void GoesTo(Action<AggregateId, MailboxItem> again) => _again = again;

    public bool IsMine(AggregateId id) => _ownership.OwnerOf(Slot.Of(id)).IsMine;

    /// <summary>False: it is for a mailbox of this node.</summary>
    public bool TryTake(AggregateId id, MailboxItem item)
    {
        var owner = _ownership.OwnerOf(Slot.Of(id));
        if (owner.IsMine)
            return false;

        if (owner.Other is { } node)
            _ = HandOnAsync(id, item, node);
        else if (!TrySetAside(id, item))
            _ = RefuseAsync(item, "Too much waits for another node to take over");
        return true;
    }

    private static ImRequest? RequestOf(MailboxItem item) => item is Happened { Event: RequestArrived arrived } ? arrived.Request : null;

    private bool TrySetAside(AggregateId id, MailboxItem item)
    {
        lock (_gate)
        {
            // The link has not been told that we have it: an event of its own comes again.
            if (_setAside.Count >= MostSetAside && (RequestOf(item) is not null || item.Receipt is null))
                return false;

            _setAside.Add(new(id, item, _time.GetTimestamp()));
            if (!_isWaiting)
                _ = WaitAsync();
            _isWaiting = true;
        }

        item.Receipt?.SetAside();
        // Somebody may have got it meanwhile.
        if (_ownership.OwnerOf(Slot.Of(id)) != SlotOwner.Nobody)
            LookAgain();
        return true;
    }

    private void LookAgain()
    {
        foreach (var each in TakeAll(each => _ownership.OwnerOf(Slot.Of(each.Id)) != SlotOwner.Nobody))
            _again(each.Id, each.Item);
    }

    // The others stay where the next one who looks finds them.
    private List<SetAside> TakeAll(Predicate<SetAside> isWanted)
    {
        lock (_gate)
        {
            List<SetAside> wanted = [], others = [];
            foreach (var each in _setAside)
                (isWanted(each) ? wanted : others).Add(each);
            _setAside = others;
            return wanted;
        }
    }

    // A request has its own patience; all else waits for as long as it takes.
    private async Task WaitAsync()
    {
        while (true)
        {
            await Task.Delay(_tick, _time);
            // A node that was late to say that it lives owns what it did before, and nothing has changed.
            LookAgain();
            foreach (var each in TakeAll(IsLate))
                _ = RefuseAsync(each.Item, "No node has this session now");
            lock (_gate)
            {
                if (_setAside.Count > 0)
                    continue;

                _isWaiting = false;
                return;
            }
        }
    }

    private bool IsLate(SetAside each) =>
        RequestOf(each.Item) is not null && _time.GetElapsedTime(each.Since) >= _patience;

    private async Task HandOnAsync(AggregateId id, MailboxItem item, string node)
    {
        try
        {
            var request = RequestOf(item);
            var link = item.Receipt?.Link ?? (request is null ? null : _links.OfTransaction(request.Transaction));
            // What this node had to say itself, the other one finds out by itself.
            if (link is null)
                return;

            var redirect = new Gateway.V1.Redirect { Node = node };
            if (request is null)
                redirect.Sequence = item.Receipt!.Sequence;
            else
            {
                redirect.Transaction = request.Transaction;
                redirect.Stage = item.Receipt is { } receipt ? receipt.Stage : Stages.Of(request, isDecidedOn: true);
                redirect.Slot = SipActions.SlotOf(id);
            }

            // In this order: the link forgets what is confirmed.
            await link.SendAsync(new() { Redirect = redirect }, CancellationToken.None);
            item.Receipt?.Confirm();
            Instruments.Redirected();
        }
        catch (Exception error)
        {
            Log.NotHandedOn(_logger, node, error);
        }
    }

    private async Task RefuseAsync(MailboxItem item, string reason)
    {
        if (RequestOf(item) is { } request && _links.OfTransaction(request.Transaction) is { } link)
        {
            Instruments.Refused("placement");
            Instruments.Answered(request.Method, SipStatus.ServiceUnavailable.Code);
            var refusal = new Respond(request.Transaction, SipStatus.ServiceUnavailable, reason);
            await link.SendAsync(_actions.Of(refusal), CancellationToken.None);
        }

        item.Receipt?.Confirm();
    }

    private sealed record SetAside(AggregateId Id, MailboxItem Item, long Since);
}
