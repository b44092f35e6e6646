namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>What a document did to a view, RFC 4575 4.6.</summary>
public enum ViewOutcome
{
    Applied,

    /// <summary>Older than what is known: nothing changed.</summary>
    Outdated,

    /// <summary>Documents are missing in between: nothing changed, a full one is to be asked for.</summary>
    Gap,

    /// <summary>The conference is over.</summary>
    Ended,
}
