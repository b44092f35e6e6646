namespace ImSidecar.Server.Stores;

/// <summary>One document on its way to the disk.</summary>
internal sealed class DocumentSave(DocumentWrite write) : StoreWrite
{
    public DocumentWrite Write => write;

    /// <summary>Set by who writes it.</summary>
    public DocumentOutcome Result { get; set; } = DocumentOutcome.Of(DocumentResult.Changed);

    // Documents wait behind the calls: they have a share of each batch.
    public override bool IsOfExisting => false;
}
