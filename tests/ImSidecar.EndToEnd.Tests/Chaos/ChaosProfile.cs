using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Chaos;

/// <summary>The demo profile that forgets soon. Nothing is captured: the handsets keep what they send and receive.</summary>
public sealed class ChaosProfile() : DemoProfile(new()
{
    Sidecar = ["--Controlling:ForgetAfter=00:00:01"],
    Captures = false,
});

/// <summary>They run alone: everything on the machine is theirs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosProfileUsers : ICollectionFixture<ChaosProfile>
{
    public const string Name = "chaos profile";
}
