namespace ImSidecar.Msrp.Tests;

/// <summary>The switch of this process has opened a leg when the call returns.</summary>
internal static class OpenLegs
{
    public static void OpenLeg(this IMsrpSwitch theSwitch, MsrpLeg leg) =>
        Assert.True(theSwitch.OpenLegAsync(leg).AsTask().IsCompletedSuccessfully);
}
