using System.Collections.Concurrent;
using System.Text;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Xdm;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>Documents in memory that a test writes, withholds and delays.</summary>
internal sealed class ScriptedDocuments : IXdmDocuments
{
    private readonly ConcurrentDictionary<DocumentSelector, XdmDocument> _documents = new();
    private int _version;

    public event Action<DocumentSelector>? Changed;

    public int Reads { get; private set; }

    /// <summary>True: neither can be said.</summary>
    public bool IsAway { get; set; }

    /// <summary>What a read waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public void Put(DocumentSelector selector, object body, bool tells = true)
    {
        _documents[selector] = new(selector, $"v{++_version}", Encoding.UTF8.GetBytes($"{body}"));
        if (tells)
            Changed?.Invoke(selector);
    }

    public void Delete(DocumentSelector selector)
    {
        _documents.TryRemove(selector, out _);
        Changed?.Invoke(selector);
    }

    public async ValueTask<XdmDocument?> ReadAsync(DocumentSelector selector, CancellationToken cancellation)
    {
        Reads++;
        var document = _documents.GetValueOrDefault(selector);
        await Gate;
        return IsAway ? throw new XdmUnavailableException("away") : document;
    }
}
