namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>The flows, one after the other, over one running profile.</summary>
[CollectionDefinition(Name)]
public sealed class DemoProfileUsers : ICollectionFixture<DemoProfile>
{
    public const string Name = "demo profile";
}
