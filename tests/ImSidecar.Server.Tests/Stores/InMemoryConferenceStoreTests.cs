using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>Holds the double to the contract of the real ones.</summary>
public sealed class InMemoryConferenceStoreTests : ConferenceStoreContract
{
    protected override IConferenceStore Store { get; } = new InMemoryConferenceStore();

    protected override Task<IConferenceStore> ReopenAsync() => Task.FromResult(Store);
}
