namespace ImSidecar.Msrp;

/// <summary>One message on its way to one recipient.</summary>
internal sealed class Route(Outbox outbox, long? maxSize)
{
    private volatile bool _isRefused;

    public Outbox Outbox => outbox;

    public long? MaxSize => maxSize;

    /// <summary>A chunk of it is queued or written: if it ends early the recipient must be told.</summary>
    public bool IsStarted { get; set; }

    /// <summary>Nothing more of it goes to this recipient.</summary>
    public bool IsOver { get; set; }

    /// <summary>The recipient answered something other than 200.</summary>
    public bool IsRefused => _isRefused;

    public bool IsCongested => !IsOver && outbox.IsCongested;

    /// <summary>Congested, and not yet waited for in vain.</summary>
    public bool IsLate => IsCongested && !outbox.IsLagging;

    public void Refuse() => _isRefused = true;
}
