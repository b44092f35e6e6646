using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>The handsets of a flow and the lossy paths to them. A suffix keeps flows at the same time apart.</summary>
public sealed class Handsets(string suffix = "") : IAsyncDisposable
{
    private readonly List<Handset> _handsets = [];
    private readonly List<LossyForwarder> _forwarders = [];

    public IEnumerable<ProtocolViolation> Violations => _handsets.SelectMany(handset => handset.Violations);

    /// <summary>Requests of the sidecar that were sent more than once.</summary>
    public IEnumerable<string> Repeats => OnceOnTheWire.Faults(_handsets);

    /// <summary>A handset that is not registered.</summary>
    public Handset Stranger(string user, SipProtocol transport = SipProtocol.Udp, HandsetOptions? options = null)
    {
        var name = user + suffix;
        var handset = new Handset((options ?? new() { User = name }) with { User = name, Transport = transport });
        _handsets.Add(handset);
        return handset;
    }

    public async Task<Handset> RegisterAsync(
        string user, SipProtocol transport = SipProtocol.Udp, HandsetOptions? options = null)
    {
        var handset = Stranger(user, transport, options);
        Assert.Equal(200, (await Within(handset.RegisterAsync())).Status);
        return handset;
    }

    /// <summary>A registered handset behind a path that does what the rule says.</summary>
    public async Task<(Handset Handset, LossyForwarder Path)> RegisterBehindAsync(
        string user, Func<Passage, Fate> rule, HandsetOptions? options = null)
    {
        var path = new LossyForwarder(rule);
        _forwarders.Add(path);
        options ??= new() { User = user };
        return (await RegisterAsync(user, options: options with { Through = path.Address }), path);
    }

    /// <summary>Everybody is unregistered.</summary>
    public async Task LeaveAsync()
    {
        foreach (var path in _forwarders)
            path.Rule = _ => Fate.Pass;
        foreach (var handset in _handsets)
        {
            if (handset.Trace.Any(record => record is { IsOutgoing: true, Message.Method: "REGISTER" }))
                await Within(handset.RegisterAsync(0));
        }
    }

    /// <summary>
    /// The end of a flow: everybody leaves and, if it went well, has seen no violation; else all is shown.
    /// </summary>
    public async ValueTask EndAsync(bool hasFailed)
    {
        await using (this)
        {
            if (hasFailed || Violations.Any())
                Print();
            await LeaveAsync();
            if (!hasFailed)
                Assert.Empty(Violations);
        }
    }

    public void Print()
    {
        foreach (var line in Describe())
            TestContext.Current.TestOutputHelper?.WriteLine(line);
    }

    /// <summary>What each of them sent and received, line by line.</summary>
    public IEnumerable<string> Describe() => _handsets.SelectMany(handset => handset.Trace
        .Select(record => $"{record.At:HH:mm:ss.fff} {record}")
        .Prepend($"-- {handset.Options.User} {handset.ContactUri}")
        .Concat(handset.Violations.Select(violation => $"violation: {violation}")));

    public async ValueTask DisposeAsync()
    {
        foreach (var handset in _handsets)
            await handset.DisposeAsync();
        foreach (var path in _forwarders)
            await path.DisposeAsync();
    }
}
