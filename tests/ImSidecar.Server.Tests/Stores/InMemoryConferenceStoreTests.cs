using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>Holds the double to the contract of the real ones.</summary>
public sealed class InMemoryConferenceStoreTests : ConferenceStoreContract
{
    protected override IAggregateStore Store { get; } = new InMemoryConferenceStore();

    protected override Task<IAggregateStore> ReopenAsync() => Task.FromResult(Store);
}
