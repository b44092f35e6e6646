using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Xdm;

namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>What the XDMS would tell by xcap-diff, said by a test.</summary>
internal sealed class FakeWatch : IDocumentWatch
{
    public event Action<DocumentSelector, string?>? Changed;

    public IReadOnlyCollection<DocumentSelector> Watched { get; private set; } = [];

    public int Calls { get; private set; }

    public bool Works { get; set; } = true;

    public void Watch(IReadOnlyCollection<DocumentSelector> documents)
    {
        Watched = documents;
        Calls++;
    }

    public bool IsWatching(DocumentSelector document) => Works;

    public void Tell(DocumentSelector document, string? newETag) => Changed?.Invoke(document, newETag);
}
