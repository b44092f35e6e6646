namespace ImSidecar.Server.Stores;

/// <summary>The store as a whole cannot be used: not opened at start, locked, its disk full or broken.</summary>
internal sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The save was not begun: nothing of it can be in the file.</summary>
    public bool NothingWritten { get; init; }

    /// <summary>There is too little room for these saves together; for some of them there may be enough.</summary>
    public bool LacksRoom { get; init; }

    /// <summary>A newer release or another application has written it: to try again does not mend it.</summary>
    public bool IsOfAnother { get; init; }
}
