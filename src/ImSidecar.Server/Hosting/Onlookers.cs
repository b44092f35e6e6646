using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Who looks on while conferences go on. Nobody waits for one who does not read: what he misses is counted; and while
/// nobody looks, it costs one read.
/// </summary>
internal sealed class Onlookers<T>
{
    public const int Most = 16;

    private readonly Lock _gate = new();
    private Onlooker<T>[] _all = [];

    /// <summary>Whether it has to be told at all.</summary>
    public bool AreSeen(string conference)
    {
        foreach (var each in Volatile.Read(ref _all))
        {
            if (each.Sees(conference))
                return true;
        }

        return false;
    }

    public void Tell(string conference, T news)
    {
        foreach (var each in Volatile.Read(ref _all))
        {
            if (each.Sees(conference))
                each.Tell(news);
        }
    }

    /// <summary>Who sees only that one reads what there is, and then no more.</summary>
    public void End(string conference)
    {
        foreach (var each in Volatile.Read(ref _all))
            each.End(conference);
    }

    /// <summary>From now on, until it is disposed of; false: there are too many. Null: all conferences.</summary>
    public bool TryAdd(string? conference, [NotNullWhen(true)] out Onlooker<T>? onlooker)
    {
        lock (_gate)
        {
            onlooker = _all.Length < Most ? new(conference, this) : null;
            if (onlooker is not null)
                Volatile.Write(ref _all, [.. _all, onlooker]);
            return onlooker is not null;
        }
    }

    public void Remove(Onlooker<T> onlooker)
    {
        lock (_gate)
            Volatile.Write(ref _all, [.. _all.Where(each => each != onlooker)]);
    }
}

/// <summary>One of them, and what he has not read yet.</summary>
internal sealed class Onlooker<T>(string? conference, Onlookers<T> others) : IDisposable
{
    private const int Capacity = 1024;

    private readonly Channel<T> _news = Channel.CreateBounded<T>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Lock _gate = new();
    private long _missed;

    public ChannelReader<T> News => _news.Reader;

    public bool Sees(string other) => conference is null || conference == other;

    public void End(string ended)
    {
        if (conference == ended)
            _news.Writer.TryComplete();
    }

    public void Tell(T news)
    {
        lock (_gate)
        {
            if (!_news.Writer.TryWrite(news))
                _missed++;
        }
    }

    /// <summary>
    /// How much there was no room for since the last time it was asked. Asked after all is read, it leaves nothing for
    /// which no news would come.
    /// </summary>
    public long TakeMissed()
    {
        lock (_gate)
        {
            var missed = _missed;
            _missed = 0;
            return missed;
        }
    }

    public void Dispose() => others.Remove(this);
}
