using System.Net;
using System.Threading.Channels;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>Handsets on free loopback ports, and waiting with a limit.</summary>
internal static class Given
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    /// <summary>A tenth of the real ones.</summary>
    public static readonly SipTimers Short = new()
    {
        T1 = TimeSpan.FromMilliseconds(50),
        T2 = TimeSpan.FromMilliseconds(400),
        T4 = TimeSpan.FromMilliseconds(500),
        Ringing = TimeSpan.FromSeconds(8),
    };

    public static Handset Handset(
        string user, SipProtocol transport = SipProtocol.Udp, Func<WireRecord, bool>? isLost = null,
        IPEndPoint? proxy = null, Func<WireRecord, TimeSpan>? delay = null) =>
        new(new()
        {
            User = user,
            Transport = transport,
            Timers = Short,
            IsLost = isLost,
            Delay = delay,
            Proxy = proxy ?? new(IPAddress.Loopback, 9),
        });

    /// <summary>The way to that handset without a proxy.</summary>
    public static SipFlow HopTo(Handset peer, SipProtocol protocol = SipProtocol.Udp) =>
        new(protocol, IPEndPoint.Parse(peer.ContactUri.Split('@')[1].Split(';')[0]));

    public static Task<T> Within<T>(Task<T> task) => task.WaitAsync(Soon, TestContext.Current.CancellationToken);

    public static Task Within(Task task) => task.WaitAsync(Soon, TestContext.Current.CancellationToken);

    public static Task<T> Next<T>(ChannelReader<T> reader) =>
        Within(reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());

    /// <summary>Everything that is there already.</summary>
    public static List<T> Read<T>(ChannelReader<T> reader)
    {
        var all = new List<T>();
        while (reader.TryRead(out var one))
            all.Add(one);

        return all;
    }

    /// <summary>Looks again until it is so; for state that tells nobody when it changes.</summary>
    public static async Task Until(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!isSo())
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
