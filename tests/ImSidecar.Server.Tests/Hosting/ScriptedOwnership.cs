using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>All slots have the owner that the test says.</summary>
internal sealed class ScriptedOwnership : IOwnership
{
    private SlotOwner _owner = SlotOwner.Mine;

    public NodeTable? Table { get; set; } = new() { Version = 1 };

    public event Action? Changed;

    public SlotOwner OwnerOf(Slot slot) => _owner;

    /// <summary>As when a node that was late to say that it lives has said so: nobody is told.</summary>
    public void IsAgain(SlotOwner owner) => _owner = owner;

    public void Becomes(SlotOwner owner)
    {
        _owner = owner;
        Changed?.Invoke();
    }
}
