namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>The flows, one after the other and beside nothing else, over one running profile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class DemoProfileUsers : ICollectionFixture<DemoProfile>
{
    public const string Name = "demo profile";
}
