using System.Text.Json;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Integration;

/// <summary>imsidecarctl doctor, over a Kamailio and a sidecar that are well.</summary>
public class DoctorTests(DemoProfile profile) : Flow(profile)
{
    [Fact]
    public async Task Nothing_fails_where_all_is_well_and_what_is_only_for_a_demo_is_warned_of()
    {
        await Register("alice");

        // The file has neither store nor sockets: what it says of them it has from the running sidecar.
        var said = await ControlAsync("doctor", "--json", "--config", Built.SidecarConfiguration);

        using var json = JsonDocument.Parse(said);
        var checks = json.RootElement.GetProperty("checks").EnumerateArray()
            .Select(each => (
                Check: each.GetProperty("check").GetString(), Level: each.GetProperty("level").GetString(),
                Text: each.GetProperty("text").GetString()!))
            .ToList();
        Assert.True(json.RootElement.GetProperty("well").GetBoolean());
        Assert.DoesNotContain(checks, each => each.Level == "FAIL");
        Assert.Contains(checks, each => each is { Check: "kamailio", Level: "ok" });
        Assert.Contains(checks, each => each is { Check: "store", Level: "ok" } && each.Text.Contains(Profile.Store));
        Assert.Contains(checks, each => each.Text.EndsWith("answers MSRP (481)", StringComparison.Ordinal));
        Assert.Contains(checks, each => each is { Check: "msrp", Level: "warn" });
    }
}
