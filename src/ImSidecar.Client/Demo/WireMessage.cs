namespace ImSidecar.Client.Demo;

/// <summary>One SIP or MSRP message as the capture shows it.</summary>
internal sealed record WireMessage
{
    public required DateTimeOffset At { get; init; }

    public required int SourcePort { get; init; }

    public required int TargetPort { get; init; }

    public bool IsMsrp { get; init; }

    /// <summary>What stands on the arrow: the method, or the status with the method it answers.</summary>
    public string Label { get; set; } = "?";

    public bool IsRequest { get; set; }

    /// <summary>Wireshark has seen it before: a retransmission.</summary>
    public bool IsAgain { get; set; }

    public bool IsMalformed { get; set; }

    /// <summary>Values of header fields and other dissected fields, the first of each name.</summary>
    public Dictionary<string, string> Fields { get; } = [];

    /// <summary>The lines of an MSRP body.</summary>
    public List<string> Lines { get; } = [];

    public string? this[string field] => Fields.GetValueOrDefault(field);
}
