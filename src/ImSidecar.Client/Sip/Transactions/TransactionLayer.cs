using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client.Sip.Transactions;

/// <summary>Finds the transaction of a message, RFC 3261 17.1.3 and 17.2.3; the rest goes to its user.</summary>
internal sealed class TransactionLayer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ClientTransaction> _clients = [];
    private readonly ConcurrentDictionary<string, ServerTransaction> _servers = [];
    private readonly CancellationTokenSource _closed = new();
    private readonly ITransactionUser _user;
    private readonly SipInspector _inspector;
    private readonly SipWire _wire;

    public TransactionLayer(HandsetOptions options, ITransactionUser user)
    {
        Timers = options.Timers;
        _user = user;
        _inspector = new(Report);
        _wire = new(options, OnReceived, (error, flow) => Report(new("RFC 3261 7", error, flow.ToString())));
    }

    public SipTimers Timers { get; }

    public TimeProvider Clock { get; } = TimeProvider.System;

    public bool IsClosed => _closed.IsCancellationRequested;

    public IPEndPoint Address => _wire.Address;

    public IReadOnlyList<WireRecord> Trace => _wire.Trace;

    /// <summary>Starts a transaction; the request has its Via already.</summary>
    public ClientTransaction Send(SipMessage request, SipFlow flow)
    {
        var transaction = new ClientTransaction(this, request, flow, Timers);
        _clients[transaction.Key] = transaction;
        _ = transaction.RunAsync();
        return transaction;
    }

    public Task SendAsync(SipMessage message, SipFlow flow) => _wire.SendAsync(message, flow, _closed.Token);

    public Task SendBytesAsync(ReadOnlyMemory<byte> bytes, SipFlow flow) =>
        _wire.SendBytesAsync(bytes, flow, _closed.Token);

    /// <summary>Sends what a retransmission would repair if the network loses it.</summary>
    public async Task SendQuietlyAsync(SipMessage message, SipFlow flow)
    {
        try
        {
            await SendAsync(message, flow);
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException
            or OperationCanceledException)
        {
            // The peer will ask again, or has gone.
        }
    }

    public void SendSoon(SipMessage message, SipFlow flow) => _ = SendQuietlyAsync(message, flow);

    public void Report(ProtocolViolation violation) => _user.OnViolation(violation);

    public void Remove(ClientTransaction transaction) =>
        _clients.TryRemove(KeyValuePair.Create(transaction.Key, transaction));

    public void Remove(ServerTransaction transaction) =>
        _servers.TryRemove(KeyValuePair.Create(transaction.Key, transaction));

    /// <summary>The INVITE that a CANCEL names, RFC 3261 9.2.</summary>
    public ServerTransaction? FindInvite(SipMessage cancel) =>
        _servers.GetValueOrDefault(ServerTransaction.KeyOf(cancel)[..^"CANCEL".Length] + "INVITE");

    /// <summary>The INVITE without a final answer whose early dialog the request names, RFC 3261 12.1.1.</summary>
    public ServerTransaction? FindWaiting(SipMessage request) => _servers.Values.FirstOrDefault(each =>
        each.Request.Method == "INVITE" && !each.HasFinalResponse
        && each.Request.CallId == request.CallId && each.LocalTag == request.ToTag);

    public async Task DelayAsync(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
            await Task.Delay(time, Clock, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async Task<bool> IsDoneWithinAsync(Task task, TimeSpan time)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        // A delay is cut to whole milliseconds: round up, or the rest of the time is spent in a busy loop.
        var rounded = TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));
        await Task.WhenAny(task, Task.Delay(rounded, Clock, waiting.Token));
        await waiting.CancelAsync();
        _closed.Token.ThrowIfCancellationRequested();
        return task.IsCompleted;
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _wire.DisposeAsync();
    }

    private void OnReceived(SipMessage message, SipFlow flow)
    {
        try
        {
            if (!_inspector.IsAcceptable(message))
                return;

            if (message.IsRequest)
                OnRequest(message, flow);
            else
                OnResponse(message, flow);
        }
        catch (Exception fault)
        {
            // A bug of ours must neither end the receiving nor stay unseen.
            Report(ProtocolViolation.Of("imclient", fault.ToString(), message));
        }
    }

    private void OnResponse(SipMessage response, SipFlow flow)
    {
        if (_clients.TryGetValue(ClientTransaction.KeyOf(response.Branch, response.CSeqMethod), out var transaction))
        {
            _inspector.CheckAnswer(response, transaction.Request);
            transaction.OnResponse(response);
        }
        else
        {
            _user.OnStrayResponse(response, flow);
        }
    }

    private void OnRequest(SipMessage request, SipFlow flow)
    {
        var known = _servers.GetValueOrDefault(ServerTransaction.KeyOf(request));
        if (request.Method == "ACK")
        {
            if (known?.TryTakeAck() == true)
                return;

            _inspector.CheckBranch(request);
            _user.OnAck(request);
            return;
        }

        if (known is not null)
        {
            _inspector.CheckRetransmission(request, known.Request);
            known.OnRetransmission();
            return;
        }

        var transaction = new ServerTransaction(this, request, ReturnPath.Mark(request, flow));
        _servers[transaction.Key] = transaction;
        _user.OnRequest(transaction);
    }
}
