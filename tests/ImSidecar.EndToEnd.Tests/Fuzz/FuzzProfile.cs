using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Fuzz;

/// <summary>The demo profile with short memories, so that what is left behind shows soon.</summary>
public sealed class FuzzProfile() : DemoProfile(new()
{
    Sidecar =
    [
        "--Controlling:MaxAdHocParticipants=20", "--Controlling:ForgetAfter=00:00:01",
        "--Controlling:NoAnswer=00:00:03", "--Controlling:TransactionDeadline=00:00:04",
    ],
    Kamailio =
    [
        "-A", "FR_TIMER=3000", "-A", "FR_INV_TIMER=3000", "-A", "IM_HOLD_TIMEOUT=3000",
        "-A", "IM_ORIGINATE_TIMEOUT=3000", "-A", "IM_MEMORY_TIME=4000",
    ],
    Captures = false,
});

/// <summary>They run alone, and what they send is not captured: most of it is malformed.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FuzzProfileUsers : ICollectionFixture<FuzzProfile>
{
    public const string Name = "fuzz profile";
}
