namespace ImSidecar.Msrp.Switch;

/// <summary>Connections that got something to write while one read was worked off; they start at its end.</summary>
internal sealed class WriterBatch
{
    private readonly List<ConnectionWriter> _idle = [];

    public void Signal(ConnectionWriter writer, Outbox outbox)
    {
        if (writer.Signal(outbox))
            _idle.Add(writer);
    }

    public void Add(ConnectionWriter writer) => _idle.Add(writer);

    public void Start()
    {
        foreach (var writer in _idle)
            ThreadPool.UnsafeQueueUserWorkItem(writer, preferLocal: false);

        _idle.Clear();
    }
}
