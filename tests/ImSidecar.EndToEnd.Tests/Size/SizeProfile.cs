using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Size;

/// <summary>The demo profile with the ad-hoc limit raised to where it ends.</summary>
public sealed class SizeProfile() : DemoProfile(new()
{
    Sidecar =
    [
        "--Controlling:MaxAdHocParticipants=1000", "--Controlling:NoAnswer=00:00:40",
        "--Controlling:ReleaseWhenInviterLeaves=true", "--Controlling:ForgetAfter=00:00:01",
        // Most of a crowd is SIP alone and never makes its MSRP connection.
        "--Controlling:MediaReconnect=00:00:00",
    ],
    SharedMegabytes = 1024,
    Captures = false,
});

/// <summary>They run alone: everything on the machine is theirs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SizeProfileUsers : ICollectionFixture<SizeProfile>
{
    public const string Name = "size profile";
}
