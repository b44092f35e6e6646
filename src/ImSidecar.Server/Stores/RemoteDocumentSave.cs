namespace ImSidecar.Server.Stores;

/// <summary>What is known of a remote XDMS on its way to the disk: changes, or what may be forgotten.</summary>
internal sealed class RemoteDocumentSave : StoreWrite
{
    public string Root { get; init; } = "";

    public IReadOnlyList<RememberedChange> Changes { get; init; } = [];

    public DateTimeOffset? ForgetBefore { get; init; }

    public int Most { get; init; }

    // Nobody waits for it.
    public override bool IsOfExisting => false;
}
